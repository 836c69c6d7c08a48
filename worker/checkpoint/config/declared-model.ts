import { ATTENTION_CNN_TYPE, readAttentionCnnConfig, type DeclaredAttentionCnn } from "./attention-cnn-config.ts";
import { isObject } from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { NOTHING_DECLARED, readVitConfig } from "./vit-config.ts";

/** What a config file says of a model, and of which kind. */
export type DeclaredModel =
  | { readonly type: "vit"; readonly declared: DeclaredVit }
  | { readonly type: "attention-cnn"; readonly declared: DeclaredAttentionCnn };

/** Only a ViT can do without a config file. */
export const NO_CONFIG_FILE: DeclaredModel = { type: "vit", declared: NOTHING_DECLARED };

/** A `config.json` (parsed), read as its `model_type` asks. Throws `config-malformed` or `config-unsupported`. */
export function readModelConfig(json: unknown, what = "config.json"): DeclaredModel {
  return isObject(json) && json.model_type === ATTENTION_CNN_TYPE
    ? { type: "attention-cnn", declared: readAttentionCnnConfig(json, what) }
    : { type: "vit", declared: readVitConfig(json, what) };
}
