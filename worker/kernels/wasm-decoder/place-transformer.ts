import type { Pause } from "../../contract/turns.ts";
import type { TransformerPlan } from "../decoder-engine.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { groupsOf, type Groups } from "./filled-groups.ts";
import {
  placeProduct,
  placeVector,
  readDense,
  torchDense,
  type DecoderMachine,
  type Dense,
  type PlacedProduct,
} from "./place-dense.ts";
import { behind, type TransformerNames } from "./transformer-names.ts";

export type PlacedNorm = { readonly scale: number; readonly shift: number };

export type PlacedAttention = {
  readonly query: PlacedProduct; // [D, heads · d], divided by √d
  readonly keyValue: PlacedProduct; // [D, 2 · heads · d]
  readonly output: PlacedProduct;
};

export type PlacedBlock = {
  readonly norms: readonly PlacedNorm[];
  readonly self: PlacedAttention;
  readonly cross: PlacedAttention;
  readonly expand: PlacedProduct;
  readonly contract: PlacedProduct;
};

/** All that a Transformer decoder has learnt, in memory. */
export type PlacedTransformer = {
  readonly embedding: PlacedProduct; // [D, V], a column for each token
  readonly positions: Float32Array; // [P, D]
  readonly projection: PlacedProduct | null; // of the memory
  readonly output: PlacedProduct;
  readonly norm: PlacedNorm | null; // behind the last block
  readonly blocks: readonly PlacedBlock[];
};

/** Packs parameters, one product after another. `pause` is awaited after every block. */
export async function placeTransformer(
  plan: TransformerPlan,
  names: TransformerNames,
  read: ParameterReader,
  machine: DecoderMachine,
  pause?: Pause,
): Promise<PlacedTransformer> {
  const { hiddenSize, heads, intermediateSize, memorySize } = plan;
  const [width, inner, vocabulary] = [groupsOf(hiddenSize), groupsOf(intermediateSize), groupsOf(plan.vocabularySize)];
  const ofHeads = (count: number): Groups => groupsOf(...new Array<number>(count).fill(hiddenSize / heads));
  const product = (dense: Dense, from: Groups, to: Groups, factor = 1): PlacedProduct =>
    placeProduct(machine, from, to, [{ dense, from: from.at, to: to.at, factor }]);
  const norm = (name: string): PlacedNorm => ({
    scale: placeVector(machine, read(`${name}.weight`), width),
    shift: placeVector(machine, read(`${name}.bias`), width),
  });
  const attention = (query: Dense, keyValue: Dense, output: Dense): PlacedAttention => ({
    query: product(query, width, ofHeads(heads), Math.sqrt(heads / hiddenSize)),
    keyValue: product(keyValue, width, ofHeads(2 * heads)),
    output: product(output, ofHeads(heads), width),
  });
  const words = (name: string): PlacedProduct => product(torchDense(read(name), null, hiddenSize), width, vocabulary);

  const embedding = words(names.embedding);
  const frame = {
    embedding,
    output: plan.tiedOutput ? embedding : words(names.output),
    positions: read(names.positions),
    projection:
      memorySize === hiddenSize
        ? null
        : product(readDense(read, names.projection, memorySize), groupsOf(memorySize), width),
    norm: plan.normOrder === "pre" ? norm(names.norm) : null,
  };
  const blocks: PlacedBlock[] = [];
  for (let layer = 0; layer < plan.layers; layer++) {
    const weights = names.block(read, plan, layer);
    blocks.push({
      norms: weights.norms.map(norm),
      self: attention(weights.self, behind(weights.self, hiddenSize), weights.selfOutput),
      cross: attention(weights.crossQuery, weights.crossKeyValue, weights.crossOutput),
      expand: product(weights.expand, width, inner),
      contract: product(weights.contract, inner, width),
    });
    await pause?.();
  }
  return { ...frame, blocks };
}
