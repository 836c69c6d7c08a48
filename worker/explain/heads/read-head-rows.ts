import { mean, reshape, slice, stack, tidy, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { defaultQuery, queryRows } from "../../contract/attention-matrix.ts";
import type { HeadRowsRequest } from "../../contract/explain-request.ts";
import type { HeadRows } from "../../contract/explanation.ts";
import { prefixTokens } from "../../models/vit/config.ts";
import { readModule } from "../attention/attention-module.ts";
import type { AnyCnn } from "../engine-cnn.ts";
import { walkAttentions, type AnyVit } from "../engine-vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { patchGrid } from "../patch-grid.ts";
import { inScope } from "../tensor-scope.ts";

/** The rows that a query means, `[1, H, count, T]` → one map for each head, prefix left out: `[H, cells]`. */
const mapsOf = (rows: Tensor4D, prefix: number): Tensor2D =>
  tidy(() => {
    const [, heads, count, keys] = rows.shape;
    const cells = slice(rows, [0, 0, 0, prefix], [1, heads, count, keys - prefix]);
    return reshape(mean(cells, 2), [heads, keys - prefix]);
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
    const keep = (attention: Tensor4D): void => {
      rows.push(scope.hold(mapsOf(attention, place.prefixTokens)));
    };
    await walkAttentions(vit, image, run, keep, wanted);
    const all = scope.hold(stack(rows)); // [layers, H, cells]
    const { layers, heads } = vit.config;
    return { grid: place.grid, layers, heads, query, values: (await all.data()) as Float32Array };
  });
}

/** The same of a CNN's attention module, as of one layer with one head. */
export function readModuleRows(cnn: AnyCnn, image: Tensor4D, request: HeadRowsRequest, run: ExplainRun = {}) {
  return inScope(async (scope): Promise<HeadRows> => {
    const { weights, grid } = await readModule(cnn, image, run);
    scope.hold(weights);
    const query = request.query ?? defaultQuery(0);
    const { first, count } = queryRows({ prefixTokens: 0, grid }, query);
    const rows = scope.hold(tidy(() => mapsOf(slice(weights, [0, 0, first, 0], [1, 1, count, -1]), 0))); // [1, cells]
    return { grid, layers: 1, heads: 1, query, values: (await rows.data()) as Float32Array };
  });
}
