import {
  add,
  cast,
  less,
  mul,
  sigmoid,
  slice,
  softmax,
  sub,
  tensor4d,
  tidy,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Scoring } from "../../contract/api.ts";
import { VisionError } from "../../contract/errors.ts";
import type { Explanation, Faithfulness, FaithfulnessCurve } from "../../contract/explanation.ts";
import type { Size } from "../../contract/geometry.ts";
import type { Pause } from "../../contract/turns.ts";
import { inScope } from "../tensor-scope.ts";
import { BASELINES, takeAllAway, type Baseline } from "./baseline.ts";
import { rankCells } from "./rank-cells.ts";

/** images `[B, H, W, C]` → logits `[B, classes]`, which the caller owns. */
export type Classifier = (images: Tensor4D) => Promise<Tensor2D>;

export type FaithfulnessRequest = {
  /** Its cells go in order, the highest first; a grid of the image's size takes single pixels. */
  readonly map: Pick<Explanation, "grid" | "values">;
  readonly gridSpan?: Size | undefined; // pixels the grid lies over, from the top left; default the image's
  readonly target: number; // class whose probability is followed
  readonly scoring?: Scoring | undefined; // how that comes from logits; default "softmax"
  readonly steps?: number | undefined; // of either curve; default 16, at most one a cell
  readonly baseline?: Baseline | undefined; // default "blur"
  readonly batch?: number | undefined; // images of one forward pass; default 8
};

export type FaithfulnessRun = {
  readonly pause?: Pause | undefined; // awaited before every batch; throw from it to stop
  readonly onProgress?: ((done: number, total: number) => void) | undefined; // images classified
};

const STEPS = 16;
const BATCH = 8; // a ViT-B's activations for as many fit any GPU

/**
 * Deletion and insertion curves (Petsiuk et al. 2018, RISE): cells of one image `[1, H, W, C]` give way to a baseline in
 * the order of a map, or come back to the baseline in it. The same call gives the same curves. Throws
 * `invalid-argument`; whatever is thrown, no tensor is left behind.
 */
export function measureFaithfulness(
  classify: Classifier,
  image: Tensor4D,
  request: FaithfulnessRequest,
  { pause, onProgress }: FaithfulnessRun = {},
): Promise<Faithfulness> {
  const { map, target, scoring = "softmax", steps: asked = STEPS, baseline = "blur", batch = BATCH } = request;
  const cells = map.values.length;
  expectPositive("steps", asked);
  expectPositive("batch", batch);
  expectBaseline(baseline);
  const steps = Math.min(asked, cells);
  const counts = Float32Array.from({ length: steps + 1 }, (_, step) => Math.round((step * cells) / steps)); // cells gone
  return inScope(async (scope) => {
    const ranks = scope.hold(rankPixels(map, image, request.gridSpan));
    const empty = scope.hold(takeAllAway(image, baseline));
    const total = 2 * counts.length;
    let done = 0;
    const follow = async (from: Tensor4D, to: Tensor4D): Promise<FaithfulnessCurve> => {
      const probabilities = new Float32Array(counts.length);
      for (let first = 0; first < counts.length; first += batch) {
        await pause?.();
        const some = counts.subarray(first, first + batch);
        const images = scope.hold(exchange(from, to, ranks, some));
        const logits = scope.hold(await classify(images));
        probabilities.set(await readProbabilities(logits, target, scoring), first);
        scope.drop(images, logits);
        onProgress?.((done += some.length), total);
      }
      const fractions = counts.map((count) => count / cells);
      return { fractions, probabilities, area: areaUnder(fractions, probabilities) };
    };
    return { deletion: await follow(image, empty), insertion: await follow(empty, image) };
  });
}

function expectPositive(what: string, count: number): void {
  if (Number.isInteger(count) && count > 0) return;
  throw new VisionError("invalid-argument", `${what}: wanted a whole number above 0, got ${count}`);
}

function expectBaseline(baseline: string): void {
  if (BASELINES.some((known) => known === baseline)) return;
  throw new VisionError("invalid-argument", `baseline: wanted ${BASELINES.join(" or ")}, got ${baseline}`);
}

/** Each pixel's rank is its cell's, or behind the last cell that one's. map of any grid, image `[1, H, W, C]` → `[1, H, W, 1]` */
function rankPixels(
  { grid, values }: FaithfulnessRequest["map"],
  { shape: [, height, width] }: Tensor4D,
  span: Size = { height, width },
): Tensor4D {
  if (values.length !== grid.width * grid.height) {
    const wanted = `${grid.height} × ${grid.width} cells`;
    throw new VisionError("invalid-argument", `map: wanted ${wanted}, got ${values.length} numbers`);
  }
  const ranks = rankCells(values);
  const pixels = Float32Array.from({ length: height * width }, (_, pixel) => {
    const row = Math.floor((Math.floor(pixel / width) * grid.height) / span.height);
    const column = Math.floor(((pixel % width) * grid.width) / span.width);
    return ranks[Math.min(row, grid.height - 1) * grid.width + Math.min(column, grid.width - 1)]!;
  });
  return tensor4d(pixels, [1, height, width, 1]);
}

/** For each of `counts` the image `from` with so many of the first cells taken of `to`, → `[B, H, W, C]`. */
const exchange = (from: Tensor4D, to: Tensor4D, ranks: Tensor4D, counts: Float32Array): Tensor4D =>
  tidy(() => {
    const gone = cast(less(ranks, tensor4d(counts, [counts.length, 1, 1, 1])), "float32"); // [B, H, W, 1]
    return add<Tensor4D>(mul(from, sub(1, gone)), mul(to, gone));
  });

/** logits `[B, classes]` → the probability of one class, `[B]`. */
async function readProbabilities(logits: Tensor2D, target: number, scoring: Scoring): Promise<Float32Array> {
  const [batch, classes] = logits.shape;
  if (!Number.isInteger(target) || target < 0 || target >= classes) {
    throw new VisionError("invalid-argument", `target: wanted a class from 0 to ${classes - 1}, got ${target}`);
  }
  const column = tidy(() => slice(scoring === "softmax" ? softmax(logits) : sigmoid(logits), [0, target], [batch, 1]));
  try {
    return (await column.data()) as Float32Array;
  } finally {
    column.dispose();
  }
}

/** Trapezoids under points in order of x. */
function areaUnder(x: Float32Array, y: Float32Array): number {
  let area = 0;
  for (let at = 1; at < x.length; at++) area += ((x[at]! - x[at - 1]!) * (y[at]! + y[at - 1]!)) / 2;
  return area;
}
