import type { EncoderPlan } from "../encoder-engine.ts";
import { makeAsTheyCome } from "../make-as-they-come.ts";
import type { AwaitParameters, ParameterReader } from "../parameter-reader.ts";
import { prefixNames } from "../prefix-tokens.ts";
import type { Kernels } from "../wasm/kernels.ts";
import type { LinearMemory } from "../wasm/linear-memory.ts";
import { packedBytes, strideOf, writeRows } from "../wasm/rows.ts";

/** Addresses of a dense layer: its packed matrix, and its bias, 0 for none. */
export type PlacedLinear = { readonly kernel: number; readonly bias: number };
export type PlacedNorm = { readonly scale: number; readonly shift: number };

/** Addresses of all that a model has learnt. */
export type PlacedParameters = {
  readonly patches: PlacedLinear;
  readonly prefixRows: number; // positions added
  readonly positions: number; // of the patches
  readonly layers: number; // the table of `Layer` (assembly/frame.ts)
  readonly norm: PlacedNorm;
  readonly pooler: PlacedLinear | null;
  readonly head: PlacedLinear | null;
  readonly distillationHead: PlacedLinear | null;
  readonly patchHead: PlacedLinear | null;
};

/** What it takes to place one parameter. */
export class Placer {
  constructor(
    readonly kernels: Kernels,
    readonly memory: LinearMemory,
    readonly read: ParameterReader,
  ) {}

  rows(values: Float32Array, width: number): number {
    const address = this.memory.take((values.length / width) * strideOf(width));
    writeRows(this.memory, address, values, width);
    return address;
  }

  /** weights `[out, depth]`, one behind the other → one packed matrix `[depth, Σ out]`, each value times `factor`. */
  matrix(weights: readonly Float32Array[], depth: number, factor = 1): number {
    const columns = weights.reduce((sum, { length }) => sum + length, 0) / depth;
    const address = this.memory.take(packedBytes(depth, columns));
    const staged = this.memory.take(columns * depth * 4);
    const rows = this.memory.floats(staged, columns * depth);
    let at = 0;
    for (const values of weights) {
      rows.set(values, at);
      at += values.length;
    }
    if (factor !== 1) rows.forEach((value, index) => (rows[index] = value * factor));
    this.kernels.packRows(staged, depth * 4, columns, depth, address);
    this.memory.giveBack(staged);
    return address;
  }

  vector(values: Float32Array, factor = 1): number {
    return this.rows(factor === 1 ? values : values.map((value) => value * factor), values.length);
  }

  linear(name: string, depth: number, factor = 1, biased = true): PlacedLinear {
    const bias = biased ? this.vector(this.read(`${name}.bias`), factor) : 0;
    return { kernel: this.matrix([this.read(`${name}.weight`)], depth, factor), bias };
  }

  norm(name: string): PlacedNorm {
    return { scale: this.vector(this.read(`${name}.weight`)), shift: this.vector(this.read(`${name}.bias`)) };
  }
}

/**
 * Packs a model's parameters (the names of `vitParameterShapes`, models/vit/parameters.ts) into memory, one after
 * another. `there` is awaited before every block, and before the rest.
 */
export async function placeParameters(
  plan: EncoderPlan,
  read: ParameterReader,
  kernels: Kernels,
  memory: LinearMemory,
  there?: AwaitParameters,
): Promise<PlacedParameters> {
  const { hiddenSize, classes, layers } = plan;
  const placer = new Placer(kernels, memory, read);
  const share = plan.distillationHead ? 0.5 : 1; // of each head in the logits
  const head = (name: string, exists: boolean, factor = 1): PlacedLinear | null =>
    exists ? placer.linear(name, hiddenSize, factor) : null;
  const names = Array.from({ length: layers }, (_, layer) => `encoder.layer.${layer}`);
  const table = (await makeAsTheyCome(names, there, (name) => placeBlock(placer, plan, name))).flat();
  await there?.([""]);
  const address = memory.take(table.length * 4);
  memory.integers(address, table.length).set(table);
  return {
    layers: address,
    patches: placePatches(placer, plan),
    ...placePositions(placer, plan),
    norm: placer.norm("layernorm"),
    pooler: head("pooler.dense", plan.pooler),
    head: head("classifier", classes > 0, share),
    distillationHead: head("distillation_classifier", plan.distillationHead, share),
    patchHead: plan.patchHead ? placer.linear("patch_classifier", hiddenSize, 1, false) : null,
  };
}

/** The convolution's weight `[D, C, P, P]`, turned to `[D, P, P, C]`: the order in which patches are gathered. */
function placePatches(placer: Placer, { channels, patchSize, hiddenSize }: EncoderPlan): PlacedLinear {
  const name = "embeddings.patch_embeddings.projection";
  const weight = placer.read(`${name}.weight`);
  const pixels = patchSize.width * patchSize.height;
  const depth = pixels * channels;
  const turned = new Float32Array(weight.length);
  for (let out = 0; out < hiddenSize; out++) {
    for (let channel = 0; channel < channels; channel++) {
      const from = out * depth + channel * pixels;
      for (let pixel = 0; pixel < pixels; pixel++) {
        turned[out * depth + pixel * channels + channel] = weight[from + pixel]!;
      }
    }
  }
  return { kernel: placer.matrix([turned], depth), bias: placer.vector(placer.read(`${name}.bias`)) };
}

function placePositions(placer: Placer, plan: EncoderPlan) {
  const { hiddenSize } = plan;
  const positions = placer.read("embeddings.position_embeddings"); // [P + N, D]
  const tokens = prefixNames(plan).flatMap((name) => [...placer.read(name)]); // [P, D]
  const prefix = Float32Array.from(tokens, (value, at) => value + positions[at]!);
  return {
    prefixRows: placer.rows(prefix, hiddenSize),
    positions: placer.rows(positions.subarray(prefix.length), hiddenSize),
  };
}

/** One block → its entry in the table, in the order of `Layer` (assembly/frame.ts). */
function placeBlock(placer: Placer, plan: EncoderPlan, block: string): number[] {
  const { hiddenSize, heads, intermediateSize, queryKeyValueBias } = plan;
  const attention = `${block}.attention.attention`;
  const read = (part: string, kind: string): Float32Array => placer.read(`${attention}.${part}.${kind}`);
  const scale = 1 / Math.sqrt(hiddenSize / heads); // of the scores
  const bias = (...parts: string[]): Float32Array =>
    Float32Array.from(parts.flatMap((part) => [...read(part, "bias")]));
  const normBefore = placer.norm(`${block}.layernorm_before`);
  const query = placer.matrix([read("query", "weight")], hiddenSize, scale);
  const queryBias = queryKeyValueBias ? placer.vector(bias("query"), scale) : 0;
  const keyValue = placer.matrix([read("key", "weight"), read("value", "weight")], hiddenSize);
  const keyValueBias = queryKeyValueBias ? placer.vector(bias("key", "value")) : 0;
  const output = placer.linear(`${block}.attention.output.dense`, hiddenSize);
  const normAfter = placer.norm(`${block}.layernorm_after`);
  const expand = placer.linear(`${block}.intermediate.dense`, hiddenSize);
  const contract = placer.linear(`${block}.output.dense`, intermediateSize);
  return [
    ...[normBefore.scale, normBefore.shift],
    ...[query, queryBias, keyValue, keyValueBias, output.kernel, output.bias],
    ...[normAfter.scale, normAfter.shift],
    ...[expand.kernel, expand.bias, contract.kernel, contract.bias],
  ];
}
