import type { DeclaredVit } from "./declared-vit.ts";
import { isObject, malformed } from "./check-json.ts";
import { isModelType, readHuggingFaceConfig } from "./hugging-face.ts";
import { NO_LABELS } from "./labels.ts";
import { readTimmConfig } from "./timm.ts";

/** A model without a config file states nothing: its weights tell. */
export const NOTHING_DECLARED: DeclaredVit = { labels: NO_LABELS };

/**
 * What a `config.json` (parsed) states, in Hugging Face's form or timm's (which has `architecture`).
 * Throws `config-malformed`, or `config-unsupported` naming another architecture.
 */
export function readVitConfig(json: unknown, what = "config.json"): DeclaredVit {
  if (!isObject(json)) throw malformed(what, null, "an object", json);
  const timm = typeof json.architecture === "string" && !isModelType(json.model_type);
  return timm ? readTimmConfig(json, what) : readHuggingFaceConfig(json, what);
}
