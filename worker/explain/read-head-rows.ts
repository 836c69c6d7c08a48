import { mean, reshape, slice, stack, tidy, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { defaultQuery, queryRows, type QueryRows } from "../contract/attention-matrix.ts";
import type { HeadRowsRequest } from "../contract/explain-request.ts";
import type { HeadRows } from "../contract/explanation.ts";
import { prefixTokens } from "../models/vit/config.ts";
import type { AttentionCnn } from "../models/attention-cnn/attention-cnn.ts";
import { readModule } from "./attention-module.ts";
import { walkAttentions, type AnyVit } from "./engine-vit.ts";
import type { ExplainRun } from "./explain-run.ts";
import { patchGrid } from "./patch-grid.ts";
import { inScope } from "./tensor-scope.ts";

/** weights `[1, H, T, T]` → the row of every head that a query means, prefix left out: `[H, cells]`. */
const rowsOf = (weights: Tensor4D, { first, count }: QueryRows, prefix: number): Tensor2D =>
  tidy(() => {
    const [, heads, , keys] = weights.shape;
    const rows = slice(weights, [0, 0, first, prefix], [1, heads, count, keys - prefix]);
    return reshape(mean(rows, 2), [heads, keys - prefix]);
  });

/**
 * One query's map from every head of every layer, in one run, for one picture `[1, height, width, C]`: what small
 * multiples and a strip of layers show. Reads back those rows alone. Throws `invalid-argument`, `input-shape`.
 */
export function readVitHeadRows(vit: AnyVit, image: Tensor4D, request: HeadRowsRequest, run: ExplainRun = {}) {
  const place = { prefixTokens: prefixTokens(vit.config), grid: patchGrid(vit, image) };
  const query = request.query ?? defaultQuery(place.prefixTokens);
  const wanted = queryRows(place, query);
  return inScope(async (scope): Promise<HeadRows> => {
    const rows: Tensor2D[] = [];
    await walkAttentions(vit, image, run, (attention) => {
      rows.push(scope.hold(rowsOf(attention, wanted, place.prefixTokens)));
    });
    const all = scope.hold(stack(rows)); // [layers, H, cells]
    const { layers, heads } = vit.config;
    return { grid: place.grid, layers, heads, query, values: (await all.data()) as Float32Array };
  });
}

/** The same of a CNN's attention module, as of one layer with one head. */
export function readModuleRows(cnn: AttentionCnn, image: Tensor4D, request: HeadRowsRequest, run: ExplainRun = {}) {
  return inScope(async (scope): Promise<HeadRows> => {
    const { weights, grid } = await readModule(cnn, image, run);
    scope.hold(weights);
    const query = request.query ?? defaultQuery(0);
    const rows = scope.hold(rowsOf(weights, queryRows({ prefixTokens: 0, grid }, query), 0)); // [1, cells]
    return { grid, layers: 1, heads: 1, query, values: (await rows.data()) as Float32Array };
  });
}
