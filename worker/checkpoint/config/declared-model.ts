import { isCaptionerType, readCaptionerConfig, type DeclaredCaptioner } from "./captioner-config.ts";
import { isObject } from "./check-json.ts";
import { readEncoderConfig, type DeclaredEncoder } from "./declared-encoder.ts";
import { NOTHING_DECLARED } from "./vit-config.ts";

/** What a config file says of a model, and of which kind. */
export type DeclaredModel = DeclaredEncoder | { readonly type: "captioner"; readonly declared: DeclaredCaptioner };

/** Only a ViT can do without a config file. */
export const NO_CONFIG_FILE: DeclaredModel = { type: "vit", declared: NOTHING_DECLARED };

/** A `config.json` (parsed), read as its `model_type` asks. Throws `config-malformed` or `config-unsupported`. */
export const readModelConfig = (json: unknown, what = "config.json"): DeclaredModel =>
  isObject(json) && isCaptionerType(json.model_type)
    ? { type: "captioner", declared: readCaptionerConfig(json, json.model_type, what) }
    : readEncoderConfig(json, what);
