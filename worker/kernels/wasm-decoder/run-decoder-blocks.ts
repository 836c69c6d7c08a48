import type { TransformerPlan } from "../decoder-engine.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import { filled } from "../wasm/rows.ts";
import { multiply, partOf, rowOf, type Rows } from "./multiply.ts";
import type { DecoderMachine, PlacedProduct } from "./place-dense.ts";
import type { PlacedAttention, PlacedBlock, PlacedNorm } from "./place-transformer.ts";

/** What a row can look at: `count` places, whose addresses stand in a table. */
type Sight = {
  readonly count: number;
  readonly table: (row: number) => number;
  readonly weights: Rows; // [heads, count], each head's filled up; of all rows in one place where nobody reads them
};

/** The rows of one step, and where they lie. */
type DecoderStep = {
  readonly count: number; // of rows
  readonly states: Rows; // [D], what goes from block to block
  readonly normed: Rows; // [D]
  readonly query: Rows; // [heads · d], filled up
  readonly mixed: Rows; // [heads · d]
  readonly wide: Rows; // [inner]
  readonly slots: Rows; // keys and values of the words that are read, for every block
  readonly headWidth: number; // filled up
  readonly layerBytes: number; // of a block's keys and values
  readonly words: Sight; // those before and the one that is read
  readonly photo: Sight;
};

/** The norm of `count` rows of states. */
export function normalise(
  { kernels }: DecoderMachine,
  { hiddenSize, layerNormEpsilon }: TransformerPlan,
  { scale, shift }: PlacedNorm,
  count: number,
  from: Rows,
  to: Rows,
): void {
  const { address, stride } = from;
  kernels.normRows(count, hiddenSize, layerNormEpsilon, scale, shift, address, stride, to.address, to.stride);
}

/** Takes the states through all blocks → where each row looked in its photo, the mean over heads and blocks, `[rows, L]`. */
export function runDecoderBlocks(
  machine: DecoderMachine,
  plan: TransformerPlan,
  blocks: readonly PlacedBlock[],
  step: DecoderStep,
): Float32Array {
  const { count, states, normed, query, mixed, wide, slots, headWidth, layerBytes } = step;
  const { heads } = plan;
  const { kernels } = machine;
  const isBefore = plan.normOrder === "pre";
  const before = (norm: PlacedNorm): Rows => {
    if (!isBefore) return states;
    normalise(machine, plan, norm, count, states, normed);
    return normed;
  };
  const add = (product: PlacedProduct, branch: Rows, norm: PlacedNorm): void => {
    multiply(machine, product, count, branch, states, { residual: states.address });
    if (!isBefore) normalise(machine, plan, norm, count, states, states);
  };
  const attend = (attention: PlacedAttention, asking: Rows, layer: number, sight: Sight): void => {
    multiply(machine, attention.query, count, asking, query);
    const keys = layer * layerBytes;
    const values = keys + layerBytes / 2;
    for (let row = 0; row < count; row++) {
      const places = sight.table(row);
      const [asked, weights, to] = [rowOf(query, row), rowOf(sight.weights, row), rowOf(mixed, row)];
      kernels.lookUp(heads, sight.count, places, keys, headWidth, values, headWidth, asked, 0, weights, to);
    }
  };
  const looked = new Float32Array(count * step.photo.count);
  for (const [layer, { self, cross, expand, contract, norms }] of blocks.entries()) {
    const [selfNorm, crossNorm, feedNorm] = norms as [PlacedNorm, PlacedNorm, PlacedNorm];
    const read = before(selfNorm);
    multiply(machine, self.keyValue, count, read, partOf(slots, layer * layerBytes));
    attend(self, read, layer, step.words);
    add(self.output, mixed, selfNorm);
    attend(cross, before(crossNorm), layer, step.photo);
    addWeights(machine, step, heads, 1 / (heads * blocks.length), looked);
    add(cross.output, mixed, crossNorm);
    multiply(machine, expand, count, before(feedNorm), wide, { activation: ACTIVATIONS[plan.activation]! });
    add(contract, wide, feedNorm);
  }
  return looked;
}

/** Adds a share of each head's weights, as they are left by the last look at the photo. */
function addWeights(
  { memory }: DecoderMachine,
  { count, photo }: DecoderStep,
  heads: number,
  share: number,
  looked: Float32Array, // [rows, L]
): void {
  const places = photo.count;
  const apart = filled(places);
  for (let row = 0; row < count; row++) {
    const told = memory.floats(rowOf(photo.weights, row), heads * apart);
    for (let at = 0; at < heads * places; at++) {
      const place = at % places;
      looked[row * places + place]! += told[Math.floor(at / places) * apart + place]! * share;
    }
  }
}
