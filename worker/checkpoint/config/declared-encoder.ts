import { ATTENTION_CNN_TYPE, readAttentionCnnConfig, type DeclaredAttentionCnn } from "./attention-cnn-config.ts";
import { isObject } from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { readVitConfig } from "./vit-config.ts";

/** What a config file says of a model that reads pictures, and of which kind. */
export type DeclaredEncoder =
  | { readonly type: "vit"; readonly declared: DeclaredVit }
  | { readonly type: "attention-cnn"; readonly declared: DeclaredAttentionCnn };

/** A `config.json` (parsed), read as its `model_type` asks. Throws `config-malformed` or `config-unsupported`. */
export const readEncoderConfig = (json: unknown, what: string): DeclaredEncoder =>
  isObject(json) && json.model_type === ATTENTION_CNN_TYPE
    ? { type: "attention-cnn", declared: readAttentionCnnConfig(json, what) }
    : { type: "vit", declared: readVitConfig(json, what) };
