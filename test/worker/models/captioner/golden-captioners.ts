import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { CaptionerDecoder } from "../../../../worker/checkpoint/config/captioner-config.ts";
import type { ParameterReader } from "../../../../worker/kernels/parameter-reader.ts";
import type { Activation } from "../../../../worker/layers/activation.ts";
import { buildRecurrent } from "../../../../worker/models/captioner/build-recurrent.ts";
import { buildGpt2, buildTransformer } from "../../../../worker/models/captioner/build-transformer.ts";
import {
  recurrentDecoder,
  transformerDecoder,
  type CaptionDecoder,
} from "../../../../worker/models/captioner/caption-decoder.ts";
import type { RecurrentConfig, TransformerConfig } from "../../../../worker/models/captioner/config.ts";
import type { DecoderState } from "../../../../worker/models/captioner/decoder-state.ts";
import { releaseRecurrent } from "../../../../worker/models/captioner/recurrent-captioner.ts";
import { runTransformer, startTransformer } from "../../../../worker/models/captioner/run-transformer.ts";
import {
  releaseTransformer,
  type TransformerDecoder,
} from "../../../../worker/models/captioner/transformer-decoder.ts";
import { goldenFile, goldenTensors, type GoldenTensor } from "../../../setup/golden.ts";
import { featuresOf } from "./place-golden.ts";

type Goldens = ReadonlyMap<string, GoldenTensor>;

/** A captioner of PyTorch's weights, what goes in, and what PyTorch answers. */
export type GoldenCaptioner = {
  readonly decoder: CaptionDecoder<DecoderState>;
  readonly decoding: CaptionerDecoder;
  readonly read: ParameterReader;
  readonly features: GoldenTensor; // [B, L, C]
  readonly words: readonly (readonly number[])[]; // [B, T]
  readonly logits: GoldenTensor; // [B, T, V]
  readonly alphas: ArrayLike<number>; // [B, T, L]
  /** Multiply-adds that each word written adds to the next step: products with its key and its value. */
  readonly growth: number;
  /** Of a Transformer: what each block looked at, PyTorch's `[B, H, T, L]` and ours. */
  readonly attentions?: readonly GoldenTensor[];
  readonly attend?: () => readonly Tensor4D[];
  readonly release: () => void;
};

/** `[B, T]` as lists. */
export function rowsOf({ shape, values }: GoldenTensor): number[][] {
  const [batch, count] = shape as [number, number];
  return Array.from({ length: batch }, (_, row) => [...values.subarray(row * count, (row + 1) * count)]);
}

function recurrent(config: RecurrentConfig, golden: Goldens): GoldenCaptioner {
  const read: ParameterReader = (name) => golden.get(`weights.${name}`)!.values;
  const captioner = buildRecurrent(config, read);
  return {
    decoder: recurrentDecoder(captioner),
    decoding: { kind: "recurrent", config },
    read,
    features: golden.get("grid")!,
    words: rowsOf(golden.get("words")!),
    logits: golden.get("logits")!,
    alphas: golden.get("alphas")!.values,
    growth: 0,
    release: () => releaseRecurrent(captioner),
  };
}

function transformer(
  decoder: TransformerDecoder,
  golden: Goldens,
  told: Pick<GoldenCaptioner, "decoding" | "read">,
  names: { readonly memory: string; readonly words: string; readonly attentions: string },
): GoldenCaptioner {
  const features = golden.get(names.memory)!;
  const words = rowsOf(golden.get(names.words)!);
  const attentions = decoder.blocks.map((_, layer) => golden.get(`${names.attentions}.${layer}`)!);
  return {
    ...told,
    decoder: transformerDecoder(decoder),
    features,
    words,
    logits: golden.get("logits")!,
    alphas: meanOverHeads(attentions),
    growth: 2 * words.length * decoder.config.layers * decoder.config.hiddenSize,
    attentions,
    attend: () => runTransformer(decoder, startTransformer(decoder, featuresOf(features)), words).attentions,
    release: () => releaseTransformer(decoder),
  };
}

/** `[B, H, T, L]` of each block → `[B, T, L]`, in float64. */
function meanOverHeads(attentions: readonly GoldenTensor[]): Float64Array {
  const [batch, heads, count, positions] = attentions[0]!.shape as [number, number, number, number];
  const average = new Float64Array(batch * count * positions);
  for (const { values } of attentions) {
    values.forEach((weight, at) => {
      const row = Math.floor(at / (heads * count * positions));
      average[row * count * positions + (at % (count * positions))]! += weight / (heads * attentions.length);
    });
  }
  return average;
}

/** The fields of a config.json, of either kind. */
type Variant = {
  readonly model_type: "recurrent-captioner" | "transformer-captioner";
  readonly vocab_size: number;
  readonly feature_size: number;
  readonly embedding_size: number;
  readonly hidden_size: number;
  readonly alignment_size: number;
  readonly alignment: "additive" | "dot";
  readonly output: "hidden" | "deep";
  readonly num_hidden_layers: number;
  readonly num_attention_heads: number;
  readonly intermediate_size: number;
  readonly hidden_act: Activation;
  readonly layer_norm_eps: number;
  readonly norm_order: "pre" | "post";
  readonly positions: "learned" | "sinusoidal";
  readonly max_positions: number;
  readonly tie_word_embeddings: boolean;
};

export const recurrentConfig = (variant: Variant): RecurrentConfig => ({
  vocabularySize: variant.vocab_size,
  featureSize: variant.feature_size,
  embeddingSize: variant.embedding_size,
  hiddenSize: variant.hidden_size,
  alignmentSize: variant.alignment_size,
  alignment: variant.alignment,
  output: variant.output,
});

export const transformerConfig = (variant: Variant): TransformerConfig => ({
  vocabularySize: variant.vocab_size,
  memorySize: variant.feature_size,
  hiddenSize: variant.hidden_size,
  layers: variant.num_hidden_layers,
  heads: variant.num_attention_heads,
  intermediateSize: variant.intermediate_size,
  activation: variant.hidden_act,
  layerNormEpsilon: variant.layer_norm_eps,
  normOrder: variant.norm_order,
  positions: variant.positions,
  maxPositions: variant.max_positions,
  tiedOutput: variant.tie_word_embeddings,
});

export const VARIANTS = ["additive-deep", "dot-hidden", "post-tied-sinusoidal", "pre-untied-learned"] as const;

export async function goldenVariant(name: (typeof VARIANTS)[number]): Promise<Variant> {
  const bytes = await goldenFile("captioner/variants.json");
  return (JSON.parse(new TextDecoder().decode(bytes!)) as Record<string, Variant>)[name]!;
}

async function ownCaptioner(name: (typeof VARIANTS)[number]): Promise<GoldenCaptioner> {
  const variant = await goldenVariant(name);
  const golden = await goldenTensors(`captioner/${name}.safetensors`);
  if (variant.model_type === "recurrent-captioner") return recurrent(recurrentConfig(variant), golden);
  const read = (parameter: string): Float32Array => golden.get(`weights.${parameter}`)!.values;
  const config = transformerConfig(variant);
  const decoder = await buildTransformer(config, read);
  const told = { decoding: { kind: "transformer", config }, read } as const;
  return transformer(decoder, golden, told, { memory: "grid", words: "words", attentions: "attentions" });
}

/** Of golden/soft-attention. */
export const SOFT_ATTENTION: RecurrentConfig = {
  vocabularySize: 20,
  featureSize: 10,
  embeddingSize: 6,
  hiddenSize: 8,
  alignmentSize: 7,
  alignment: "additive",
  output: "hidden",
};

/** Of golden/vit-gpt2. */
export const GPT2: TransformerConfig = {
  vocabularySize: 50,
  memorySize: 32,
  hiddenSize: 32,
  layers: 2,
  heads: 4,
  intermediateSize: 128,
  activation: "gelu-tanh",
  layerNormEpsilon: 1e-5,
  normOrder: "pre",
  positions: "learned",
  maxPositions: 24,
  tiedOutput: true,
};

export async function goldenGpt2(): Promise<GoldenCaptioner> {
  const weights = await goldenTensors("vit-gpt2/model.safetensors");
  const golden = await goldenTensors("vit-gpt2/expected.safetensors");
  const read = (name: string): Float32Array => weights.get(name)!.values;
  const decoder = await buildGpt2(GPT2, read);
  const names = { memory: "encoder_last_hidden_state", words: "ids", attentions: "cross_attentions" };
  return transformer(decoder, golden, { decoding: { kind: "gpt2", config: GPT2 }, read }, names);
}

export const GOLDEN_NAMES = ["soft attention", ...VARIANTS, "GPT-2 behind a ViT"] as const;
export type GoldenName = (typeof GOLDEN_NAMES)[number];

export async function goldenCaptioner(name: GoldenName): Promise<GoldenCaptioner> {
  if (name === "GPT-2 behind a ViT") return goldenGpt2();
  if (name !== "soft attention") return ownCaptioner(name);
  return recurrent(SOFT_ATTENTION, await goldenTensors("soft-attention/expected.safetensors"));
}
