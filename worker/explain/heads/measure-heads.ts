import {
  div,
  log,
  maximum,
  mean,
  mul,
  neg,
  slice,
  stack,
  sum,
  tensor2d,
  tidy,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { HeadFigures } from "../../contract/explanation.ts";
import { readModule } from "../attention/attention-module.ts";
import type { AnyCnn } from "../engine-cnn.ts";
import { walkAttentions, type AnyVit } from "../engine-vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { patchGrid } from "../patch-grid.ts";
import { inScope } from "../tensor-scope.ts";
import { cellDistances } from "./cell-distances.ts";

const SMALLEST = 1e-30; // its logarithm is finite on every device, and p ln p is 0 there to float32

/**
 * weights `[1, H, T, T]`, distances `[N, N]` → `[2, H]`: mean attention distance and mean entropy. The distance is
 * between patches alone: weights to prefix tokens are left out and each patch's others made to sum to 1, then it is the
 * mean over patches. The entropy is over all keys, the mean over all queries.
 */
function measureWeights(weights: Tensor4D, distances: Tensor2D): Tensor2D {
  const prefix = weights.shape[2] - distances.shape[0];
  return tidy(() => {
    const patches: Tensor = slice(weights, [0, 0, prefix, prefix]); // [1, H, N, N]
    const reached = div(sum(mul(patches, distances), -1), maximum(sum(patches, -1), SMALLEST)); // [1, H, N]
    const surprise = mul(weights, neg(log(maximum(weights, SMALLEST)))); // [1, H, T, T]
    const heads = [mean(reached, [0, 2]), mean(sum(surprise, -1), [0, 2])]; // [H] each
    return stack(heads) as Tensor2D;
  });
}

/** Layers of `[2, H]` → the figures on the host. */
async function readFigures(measured: readonly Tensor2D[]): Promise<HeadFigures> {
  const all = stack([...measured], 1); // [2, layers, H]
  try {
    const values = (await all.data()) as Float32Array;
    const half = values.length / 2;
    const heads = half / measured.length;
    return { layers: measured.length, heads, distance: values.slice(0, half), entropy: values.slice(half) };
  } finally {
    all.dispose();
  }
}

/** How far, and how widely, each head of a ViT looks in one picture `[1, height, width, C]`. */
export function measureVitHeads(vit: AnyVit, image: Tensor4D, run: ExplainRun): Promise<HeadFigures> {
  const grid = patchGrid(vit, image);
  const cells = grid.width * grid.height;
  return inScope(async (scope) => {
    const distances = scope.hold(tensor2d(cellDistances(grid, vit.config.patchSize), [cells, cells]));
    const measured: Tensor2D[] = [];
    await walkAttentions(vit, image, run, (attention) => {
      measured.push(scope.hold(measureWeights(attention, distances)));
    });
    return readFigures(measured);
  });
}

/** The same of a CNN's attention module, as of one layer with one head. */
export function measureModule(cnn: AnyCnn, image: Tensor4D, run: ExplainRun): Promise<HeadFigures> {
  return inScope(async (scope) => {
    const { weights, grid } = await readModule(cnn, image, run);
    scope.hold(weights);
    const [, height, width] = image.shape;
    const cell = { width: width / grid.width, height: height / grid.height }; // pixels
    const cells = grid.width * grid.height;
    const distances = scope.hold(tensor2d(cellDistances(grid, cell), [cells, cells]));
    return readFigures([scope.hold(measureWeights(weights, distances))]);
  });
}
