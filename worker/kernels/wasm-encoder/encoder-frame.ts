import type { EncoderPlan } from "../encoder-engine.ts";
import { countPrefix } from "../prefix-tokens.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import { roundUp, type LinearMemory } from "../wasm/linear-memory.ts";
import type { PlacedParameters } from "./place-parameters.ts";
import { filled, packedBytes, strideOf, WHOLE_TILES } from "../wasm/rows.ts";

/** The `Frame` of assembly/frame.ts: its fields in its order. */
const FIELDS = [
  ...["batch", "tokens", "prefix", "width", "stride", "heads", "headWidth", "inner", "activation", "epsilon"],
  ...["gridWidth", "patchHeight", "patchStride", "gatheredStride", "imageStride", "imageBytes"],
  ...["patchKernel", "patchBias", "prefixRows", "positions", "layers"],
  ...["images", "states", "normed", "normedStride", "wide", "wideStride"],
  ...["keys", "values", "keyBytes", "valueBytes", "attention"],
  ...["sums", "sumStride", "sumBytes", "scoreStride", "scratch", "scratchBytes", "reach", "blockRows", "next"],
] as const;

/** The address of a field of the frame at an address. */
export const fieldAt = (frame: number, field: (typeof FIELDS)[number]): number => frame + 4 * FIELDS.indexOf(field);

type Fields = Readonly<Record<(typeof FIELDS)[number], number>>;

/** Values of a run's `Frame` for the whole batch, where it lies, and how many images go through a block together. */
export type EncoderFrame = Fields & { readonly address: number; readonly together: number };

/** Wide rows of the images that go through a block together, in bytes: what one step makes is near when the next reads it. */
const MOST_BYTES = 2 ** 23;

/** Rows that are multiplied together: with more, weights are fetched hardly less often, and caches hold less of the rows. */
const MOST_ROWS = 256;

/** From so many tokens on, products behind a norm are assembly/strassen.ts's: for fewer, summing weights costs more than it saves. */
const FEWEST_SUMMED = 64;

/** What a thread has room for: queries that assembly/attend.ts takes at a time, patches that assembly/steps.ts does. */
export const QUERY_ROWS = 12;
const PATCH_ROWS = 24;

export const countTokens = (plan: EncoderPlan) => {
  const { imageSize, patchSize } = plan;
  const columns = Math.floor(imageSize.width / patchSize.width);
  const patches = columns * Math.floor(imageSize.height / patchSize.height);
  const prefix = countPrefix(plan);
  return { columns, prefix, tokens: prefix + patches };
};

/** What the model alone tells. */
function describePlan(plan: EncoderPlan, parameters: PlacedParameters) {
  const { imageSize, patchSize, channels, hiddenSize: width, heads, intermediateSize: inner } = plan;
  const { columns, prefix, tokens } = countTokens(plan);
  const headWidth = width / heads;
  const imageStride = imageSize.width * channels * 4;
  return {
    tokens,
    prefix,
    width,
    stride: strideOf(width),
    heads,
    headWidth,
    inner,
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
    prefixRows: parameters.prefixRows,
    positions: parameters.positions,
    layers: parameters.layers,
    keyBytes: packedBytes(headWidth, tokens),
    valueBytes: packedBytes(tokens, headWidth),
    normedStride: strideOf(width + (filled(headWidth) - headWidth)),
    wideStride: strideOf(Math.max(inner, 3 * width)),
    scoreStride: strideOf(tokens),
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
  const together = Math.min(batch, Math.max(1, Math.floor(MOST_BYTES / (tokens * told.wideStride))));
  const rows = together * tokens;
  const blockRows = roundUp(rows / Math.ceil(rows / MOST_ROWS), WHOLE_TILES);
  const { panelBytes, ...sums } = layOutSums(plan, memory, tokens, together, blockRows);
  const scratchBytes = roundUp(
    Math.max(QUERY_ROWS * told.scoreStride, PATCH_ROWS * told.gatheredStride, panelBytes),
    64,
  );
  const frame = {
    ...told,
    ...sums,
    batch,
    scratchBytes,
    reach: tokens,
    blockRows,
    next: 0,
    states: memory.take(batch * tokens * stride),
    images: memory.take(batch * told.imageBytes),
    normed: memory.take(rows * told.normedStride),
    wide: memory.take(rows * told.wideStride),
    keys: memory.take(together * heads * told.keyBytes),
    values: memory.take(together * heads * told.valueBytes),
    attention: attention ? memory.take(batch * heads * tokens * tokens * 4) : 0,
    scratch: memory.take(threads * scratchBytes),
  };
  return { ...frame, together, address: writeFrame(memory, frame) };
}

/** Where sums of rows go, and how much a thread wants for those of panels and their products; zeros where there are none. */
function layOutSums(
  { hiddenSize }: EncoderPlan,
  memory: LinearMemory,
  tokens: number,
  images: number,
  blockRows: number,
) {
  if (tokens < FEWEST_SUMMED || hiddenSize % 8 !== 0) return { sums: 0, sumStride: 0, sumBytes: 0, panelBytes: 0 };
  const sumStride = strideOf(hiddenSize / 2);
  const sumBytes = images * Math.ceil(tokens / 2) * sumStride;
  return { sums: memory.take(4 * sumBytes), sumStride, sumBytes, panelBytes: 64 * (hiddenSize + blockRows) };
}

/** Takes room for a frame; what its steps do not read may be left out. */
export function writeFrame(memory: LinearMemory, fields: Partial<Fields>): number {
  const address = memory.take(FIELDS.length * 4);
  memory.integers(address, FIELDS.length).set(FIELDS.map((field) => fields[field] ?? 0));
  memory.floats(fieldAt(address, "epsilon"), 1)[0] = fields.epsilon ?? 0;
  return address;
}

/** Makes a frame ready for a step, with some of its fields changed. */
export function prepareStep(memory: LinearMemory, address: number, changes: Partial<Fields> = {}): void {
  const fields = memory.integers(address, FIELDS.length);
  fields[FIELDS.indexOf("next")] = 0;
  for (const [field, value] of Object.entries(changes)) fields[FIELDS.indexOf(field as keyof Fields)] = value;
}
