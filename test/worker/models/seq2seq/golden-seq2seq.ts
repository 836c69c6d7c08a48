import { tensor, type Tensor } from "@tensorflow/tfjs-core";
import { keepParts } from "../../../../worker/models/parts.ts";
import { assembleRecurrent } from "../../../../worker/models/seq2seq/assemble-recurrent.ts";
import { assembleTransformer } from "../../../../worker/models/seq2seq/assemble-transformer.ts";
import type { RecurrentConfig, TransformerConfig } from "../../../../worker/models/seq2seq/config.ts";
import type { RecurrentSeq2Seq } from "../../../../worker/models/seq2seq/recurrent-seq2seq.ts";
import type { Transformer } from "../../../../worker/models/seq2seq/transformer.ts";
import { goldenTensors, type GoldenTensor } from "../../../setup/golden.ts";

export type Goldens = ReadonlyMap<string, GoldenTensor>;

/** `[B, T]` as lists, each cut to its length where there are any. */
export function rowsOf({ shape, values }: GoldenTensor, lengths?: ArrayLike<number>): number[][] {
  const [batch, count] = shape as [number, number];
  return Array.from({ length: batch }, (_, row) => [
    ...values.subarray(row * count, row * count + (lengths?.[row] ?? count)),
  ]);
}

export const ATTENTIONS = ["none", "dot", "scaled-dot", "general", "additive"] as const;

/** Of test/golden/make_seq2seq.py. */
export const recurrentConfig = (attention: (typeof ATTENTIONS)[number]): RecurrentConfig => ({
  sourceSize: 11,
  targetSize: 9,
  startToken: 1,
  endToken: 2,
  embeddingSize: 5,
  hiddenSize: 6,
  layers: attention === "none" || attention === "general" ? 2 : 1,
  attention: attention === "none" ? null : attention,
});

export async function goldenRecurrent(
  attention: (typeof ATTENTIONS)[number],
): Promise<{ golden: Goldens; model: RecurrentSeq2Seq }> {
  const golden = await goldenTensors(`seq2seq/recurrent-${attention}.safetensors`);
  const read = (name: string): Tensor => place(golden.get(`weights.${name}`)!);
  return { golden, model: keepParts(() => assembleRecurrent(read, recurrentConfig(attention))) };
}

const place = ({ values, shape }: GoldenTensor): Tensor => tensor(values, [...shape]);

const D = 16; // of golden/transformer, which starts from vectors, not words

/** Of golden/transformer; as many words as it has vectors, and as wide an answer. */
export const TRANSFORMER: TransformerConfig = {
  sourceSize: 12,
  targetSize: D,
  startToken: 1,
  endToken: 2,
  hiddenSize: D,
  layers: 2,
  heads: 4,
  intermediateSize: 32,
  maxPositions: 8,
  layerNormEpsilon: 1e-5,
};

/**
 * PyTorch's `nn.Transformer`, which knows no words: each vector of the golden becomes a word of its own, whose embedding
 * is what the model makes that vector of, and the output layer is the identity.
 */
export async function goldenTransformer(positions: Float32Array): Promise<{ golden: Goldens; model: Transformer }> {
  const golden = await goldenTensors("transformer/expected.safetensors");
  const embeddings: Record<string, Tensor> = {
    "source_embedding.weight": wordsOf(golden.get("src")!, TRANSFORMER.sourceSize, positions),
    "embedding.weight": wordsOf(golden.get("tgt")!, D, positions),
    "output.weight": tensor(
      Float32Array.from({ length: D * D }, (_, at) => (at % (D + 1) === 0 ? 1 : 0)),
      [D, D],
    ),
  };
  const read = (name: string): Tensor => embeddings[name] ?? place(golden.get(`weights.${name}`)!);
  return { golden, model: keepParts(() => assembleTransformer(read, TRANSFORMER)) };
}

/** `[B, N, D]` → embeddings `[V, D]`: word b · N + n at position n is the vector there, once scaled by √D. */
function wordsOf({ values, shape }: GoldenTensor, vocabulary: number, positions: Float32Array): Tensor {
  const count = shape[1]!;
  const table = new Float32Array(vocabulary * D);
  for (let at = 0; at < values.length; at++) {
    const place = Math.floor(at / D) % count;
    table[at] = (values[at]! - positions[place * D + (at % D)]!) / Math.sqrt(D);
  }
  return tensor(table, [vocabulary, D]);
}
