import type { EncoderPlan } from "../encoder-engine.ts";
import { ACTIVATIONS } from "./activations.ts";
import { roundUp, type LinearMemory } from "./linear-memory.ts";
import type { PlacedParameters } from "./place-parameters.ts";
import { filled, packedBytes, strideOf } from "./rows.ts";

/** What the kernels can run: widths of whole vectors, and the activations they know. */
export const fitsKernels = ({ hiddenSize, activation }: EncoderPlan): boolean =>
  hiddenSize % 4 === 0 && activation in ACTIVATIONS;

/** The `Frame` of assembly/frame.ts: its fields in its order. */
const FIELDS = [
  ...["batch", "tokens", "prefix", "width", "stride", "heads", "headWidth", "inner", "activation", "epsilon"],
  ...["gridWidth", "patchHeight", "patchStride", "gatheredStride", "imageStride", "imageBytes"],
  ...["patchKernel", "patchBias", "prefixRows", "positions", "layers"],
  ...["images", "states", "queries", "keys", "values", "keyBytes", "valueBytes", "attention"],
  ...["mixedStride", "wideStride", "scoreStride", "chunkRows", "scratch", "scratchBytes"],
  ...["threads", "reach", "next"],
] as const;

type Fields = Readonly<Record<(typeof FIELDS)[number], number>>;

/** Values of a run's `Frame`, and where it lies. */
export type EncoderFrame = Fields & { readonly address: number };

/** The most rows that go through a block together: an image's, or equal parts of them where they would be too many. */
export const chunkOf = (tokens: number): number => roundUp(tokens / Math.ceil(tokens / MOST_ROWS), 4);

const MOST_ROWS = 256; // with more, weights are fetched hardly less often, and scratch takes much memory

/** Queries that `attend` of assembly/attend.ts takes at a time. */
export const QUERY_ROWS = 12;

export const countTokens = ({ imageSize, patchSize, classToken, distillationToken }: EncoderPlan) => {
  const columns = Math.floor(imageSize.width / patchSize.width);
  const patches = columns * Math.floor(imageSize.height / patchSize.height);
  const prefix = Number(classToken) + Number(distillationToken);
  return { columns, prefix, tokens: prefix + patches };
};

/** What the model alone tells. */
function describePlan(plan: EncoderPlan, parameters: PlacedParameters) {
  const { imageSize, patchSize, channels, hiddenSize: width, heads, intermediateSize: inner } = plan;
  const { columns, prefix, tokens } = countTokens(plan);
  const headWidth = width / heads;
  const imageStride = imageSize.width * channels * 4;
  return {
    ...{ tokens, prefix, width, stride: strideOf(width), heads, headWidth, inner },
    activation: ACTIVATIONS[plan.activation]!,
    epsilon: plan.layerNormEpsilon,
    gridWidth: columns,
    patchHeight: patchSize.height,
    patchStride: patchSize.width * channels * 4,
    gatheredStride: strideOf(patchSize.width * patchSize.height * channels),
    imageStride,
    imageBytes: imageStride * imageSize.height,
    patchKernel: parameters.patches.kernel,
    patchBias: parameters.patches.bias,
    ...{ prefixRows: parameters.prefixRows, positions: parameters.positions, layers: parameters.layers },
    keyBytes: packedBytes(headWidth, tokens),
    valueBytes: packedBytes(tokens, headWidth),
    mixedStride: strideOf(width + (filled(headWidth) - headWidth)),
    wideStride: strideOf(Math.max(inner, 2 * width)),
    scoreStride: strideOf(tokens),
    chunkRows: chunkOf(tokens),
  };
}

/**
 * Lays out memory for a batch, from where the parameters end, and writes its frame there. `attention` says whether
 * there is room for the weights of one block.
 */
export function layOutRun(
  plan: EncoderPlan,
  parameters: PlacedParameters,
  memory: LinearMemory,
  batch: number,
  attention: boolean,
  threads: number,
): EncoderFrame {
  const told = describePlan(plan, parameters);
  const { tokens, heads, stride } = told;
  const states = memory.take(batch * tokens * stride);
  const scratchBytes = scratchOf(told);
  const frame = {
    ...told,
    ...{ batch, states, scratchBytes, threads, reach: tokens, next: 0 },
    images: memory.take(batch * told.imageBytes),
    queries: memory.take(batch * tokens * stride),
    keys: memory.take(2 * batch * heads * told.keyBytes),
    values: memory.take(2 * batch * heads * told.valueBytes),
    attention: attention ? memory.take(batch * heads * tokens * tokens * 4) : 0,
    scratch: memory.take(threads * scratchBytes),
  };
  return { ...frame, address: writeFrame(memory, frame) };
}

/** Takes room for a frame; what its steps do not read may be left out. */
export function writeFrame(memory: LinearMemory, fields: Partial<Fields>): number {
  const address = memory.take(FIELDS.length * 4);
  memory.integers(address, FIELDS.length).set(FIELDS.map((field) => fields[field] ?? 0));
  memory.floats(address + FIELDS.indexOf("epsilon") * 4, 1)[0] = fields.epsilon ?? 0;
  return address;
}

/** Makes a frame ready for a step through the first `reach` tokens of each image; weights are kept or not. */
export function prepareStep(
  memory: LinearMemory,
  frame: Pick<EncoderFrame, "address" | "attention">,
  keepsWeights: boolean,
  reach: number,
): void {
  const fields = memory.integers(frame.address, FIELDS.length);
  fields[FIELDS.indexOf("next")] = 0;
  fields[FIELDS.indexOf("reach")] = reach;
  fields[FIELDS.indexOf("attention")] = keepsWeights ? frame.attention : 0;
}

/** Bytes of a thread's scratch: rows of the model's width, and wide rows or the scores of one head; or patches. */
function scratchOf(frame: ReturnType<typeof describePlan>): number {
  const { chunkRows, mixedStride, wideStride, scoreStride, gatheredStride } = frame;
  const block = chunkRows * mixedStride + Math.max(chunkRows * wideStride, QUERY_ROWS * scoreStride);
  return roundUp(Math.max(block, chunkRows * gatheredStride), 64);
}
