import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";
import type { TransformerConfig } from "../../models/captioner/config.ts";
import { readActivation } from "./activation.ts";
import {
  bool,
  checkJson,
  isObject,
  layerCount,
  malformed,
  positiveInteger,
  positiveNumber,
  show,
  text,
  withoutNulls,
} from "./check-json.ts";

const MOST_TOKENS = 1_000_000; // more is a mistake or an attack: tokens are looked at one by one

/** With the values `GPT2Config` of transformers takes where its file is silent. */
const schema = v.object({
  vocab_size: v.optional(v.pipe(positiveInteger, v.maxValue(MOST_TOKENS, `at most ${MOST_TOKENS}`)), 50_257),
  n_positions: v.optional(positiveInteger, 1024),
  n_embd: v.optional(positiveInteger, 768),
  n_layer: v.optional(layerCount, 12),
  n_head: v.optional(positiveInteger, 12),
  n_inner: v.optional(positiveInteger),
  activation_function: v.optional(text, "gelu_new"),
  layer_norm_epsilon: v.optional(positiveNumber, 1e-5),
  tie_word_embeddings: v.optional(bool, true),
  // both change every score; no published captioner does without the first or with the second
  scale_attn_weights: v.optional(v.literal(true, "true, the one patchlight computes")),
  scale_attn_by_inverse_layer_idx: v.optional(v.literal(false, "false, the one patchlight computes")),
});

/**
 * The `decoder` of a `VisionEncoderDecoderModel`'s config.json; `memorySize`: the encoder's width. Throws
 * `config-malformed`, or `config-unsupported` for another decoder.
 */
export function readGpt2Config(json: unknown, memorySize: number, what: string): TransformerConfig {
  if (!isObject(json)) throw malformed(what, null, "an object", json);
  if (json.model_type !== "gpt2") {
    const message = `${what}: model_type: wanted gpt2, the one decoder patchlight runs behind a ViT, got ${show(json.model_type)}`;
    throw new VisionError("config-unsupported", message);
  }
  const fields = checkJson(schema, withoutNulls(json), what);
  const { n_embd: hiddenSize, n_head: heads } = fields;
  if (hiddenSize % heads !== 0) throw malformed(what, "n_head", `a divisor of n_embd ${hiddenSize}`, heads);
  return {
    vocabularySize: fields.vocab_size,
    memorySize,
    hiddenSize,
    layers: fields.n_layer,
    heads,
    intermediateSize: fields.n_inner ?? 4 * hiddenSize,
    activation: readActivation(fields.activation_function, what, "activation_function"),
    layerNormEpsilon: fields.layer_norm_epsilon,
    normOrder: "pre",
    positions: "learned",
    maxPositions: fields.n_positions,
    tiedOutput: fields.tie_word_embeddings,
  };
}
