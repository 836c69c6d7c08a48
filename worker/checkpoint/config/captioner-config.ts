import * as v from "valibot";
import type { RecurrentConfig, TransformerConfig } from "../../models/captioner/config.ts";
import { readActivation } from "./activation.ts";
import {
  bool,
  checkJson,
  count,
  isObject,
  layerCount,
  malformed,
  positiveInteger,
  positiveNumber,
  text,
  withoutNulls,
} from "./check-json.ts";
import { readEncoderConfig, type DeclaredEncoder } from "./declared-encoder.ts";
import { readGpt2Config } from "./gpt2-config.ts";

/** The decoders that can stand behind an encoder, by the `model_type` of the whole. */
const DECODERS = {
  "recurrent-captioner": "recurrent",
  "transformer-captioner": "transformer",
  "vision-encoder-decoder": "gpt2",
} as const;

type CaptionerType = keyof typeof DECODERS;

export const isCaptionerType = (type: unknown): type is CaptionerType =>
  typeof type === "string" && Object.hasOwn(DECODERS, type);

/** `modelTypeOf("gpt2")`: "vision-encoder-decoder". */
export const modelTypeOf = (kind: CaptionerDecoder["kind"]): string =>
  Object.entries(DECODERS).find(([, decoder]) => decoder === kind)![0];

/** What writes the words. */
export type CaptionerDecoder =
  | { readonly kind: "recurrent"; readonly config: RecurrentConfig }
  | { readonly kind: "transformer" | "gpt2"; readonly config: TransformerConfig };

/** Tokens as a config names them, any of `ends` for the end; what it leaves open is `undefined`. */
export type DeclaredTokens = {
  readonly start?: number | undefined;
  readonly ends?: readonly number[] | undefined;
};

/** What a config file says of a captioner. */
export type DeclaredCaptioner = {
  readonly encoder: DeclaredEncoder;
  readonly encoderJson: unknown; // its own config.json, parsed
  readonly decoder: CaptionerDecoder;
  readonly featurePooling: number; // features of as many rows and columns are averaged
  readonly tokens: DeclaredTokens;
};

const POSITIONS_AT_MOST = 65_536; // far beyond any caption; a table of positions is made as long as the config says

const recurrentSchema = v.object({
  vocab_size: positiveInteger,
  feature_size: positiveInteger,
  embedding_size: positiveInteger,
  hidden_size: positiveInteger,
  alignment_size: positiveInteger,
  alignment: v.picklist(["additive", "dot"], "additive or dot"),
  output: v.picklist(["hidden", "deep"], "hidden or deep"),
});

const transformerSchema = v.object({
  vocab_size: positiveInteger,
  feature_size: positiveInteger,
  hidden_size: positiveInteger,
  num_hidden_layers: layerCount,
  num_attention_heads: positiveInteger,
  intermediate_size: positiveInteger,
  hidden_act: text,
  layer_norm_eps: positiveNumber,
  norm_order: v.picklist(["pre", "post"], "pre or post"),
  positions: v.picklist(["learned", "sinusoidal"], "learned or sinusoidal"),
  max_positions: v.pipe(positiveInteger, v.maxValue(POSITIONS_AT_MOST, `at most ${POSITIONS_AT_MOST}`)),
  tie_word_embeddings: bool,
});

const oneToken = v.union(
  [
    count,
    v.pipe(
      v.strictTuple([count]),
      v.transform(([only]) => only),
    ),
  ],
  "one token",
);
const SOME_TOKENS = "a token, or a list of them";
const someTokens = v.union(
  [
    v.pipe(
      count,
      v.transform((only) => [only]),
    ),
    v.pipe(v.array(count), v.minLength(1, SOME_TOKENS)),
  ],
  SOME_TOKENS,
);
const tokensSchema = v.object({
  decoder_start_token_id: v.optional(oneToken),
  bos_token_id: v.optional(oneToken),
  eos_token_id: v.optional(someTokens),
});

/** Start and end as Hugging Face's files name them: a config.json, one of its parts, or a generation_config.json. */
export function readTokenIds(json: unknown, what: string): DeclaredTokens {
  if (!isObject(json)) throw malformed(what, null, "an object", json);
  const { decoder_start_token_id, bos_token_id, eos_token_id } = checkJson(tokensSchema, withoutNulls(json), what);
  return withoutNulls({ start: decoder_start_token_id ?? bos_token_id, ends: eos_token_id });
}

/**
 * A captioner's `config.json`: our own layouts, and Hugging Face's `VisionEncoderDecoderModel` with a ViT or DeiT before a
 * GPT-2. Throws `config-malformed`, or `config-unsupported` for another encoder or decoder.
 */
export function readCaptionerConfig(
  json: Readonly<Record<string, unknown>>,
  type: CaptionerType,
  what: string,
): DeclaredCaptioner {
  const parts = { encoder: json.encoder, decoder: json.decoder };
  for (const [part, fields] of Object.entries(parts)) {
    if (!isObject(fields)) throw malformed(what, part, "an object", fields);
  }
  if (typeof (json.encoder as { model_type?: unknown }).model_type !== "string") {
    throw malformed(what, "encoder.model_type", "the type of a model that reads pictures", undefined);
  }
  const encoder = readEncoderConfig(json.encoder, `${what}: encoder`);
  const where = `${what}: decoder`;
  const kind = DECODERS[type];
  return {
    encoder,
    encoderJson: json.encoder,
    decoder:
      kind === "recurrent"
        ? { kind, config: readRecurrent(json.decoder, where) }
        : {
            kind,
            config: kind === "gpt2" ? readGpt2(encoder, json.decoder, where) : readTransformer(json.decoder, where),
          },
    featurePooling: checkJson(
      v.optional(positiveInteger, 1),
      json.feature_pooling ?? undefined,
      `${what}: feature_pooling`,
    ),
    tokens: { ...readTokenIds(json.decoder, where), ...readTokenIds(json, what) },
  };
}

function readRecurrent(json: unknown, what: string): RecurrentConfig {
  const fields = checkJson(recurrentSchema, json, what);
  return {
    vocabularySize: fields.vocab_size,
    featureSize: fields.feature_size,
    embeddingSize: fields.embedding_size,
    hiddenSize: fields.hidden_size,
    alignmentSize: fields.alignment_size,
    alignment: fields.alignment,
    output: fields.output,
  };
}

function readTransformer(json: unknown, what: string): TransformerConfig {
  const fields = checkJson(transformerSchema, json, what);
  const { hidden_size: hiddenSize, num_attention_heads: heads } = fields;
  if (hiddenSize % heads !== 0)
    throw malformed(what, "num_attention_heads", `a divisor of hidden_size ${hiddenSize}`, heads);
  return {
    vocabularySize: fields.vocab_size,
    memorySize: fields.feature_size,
    hiddenSize,
    layers: fields.num_hidden_layers,
    heads,
    intermediateSize: fields.intermediate_size,
    activation: readActivation(fields.hidden_act, what, "hidden_act"),
    layerNormEpsilon: fields.layer_norm_eps,
    normOrder: fields.norm_order,
    positions: fields.positions,
    maxPositions: fields.max_positions,
    tiedOutput: fields.tie_word_embeddings,
  };
}

/** GPT-2 attends to whatever its encoder gives. */
function readGpt2(encoder: DeclaredEncoder, json: unknown, what: string): TransformerConfig {
  const memorySize = encoder.type === "vit" ? encoder.declared.hiddenSize : undefined;
  if (memorySize !== undefined) return readGpt2Config(json, memorySize, what);
  throw malformed(what.replace(/decoder$/, "encoder"), "model_type", "a ViT before a GPT-2", encoder.type);
}
