import type { Tensor4D } from "@tensorflow/tfjs-core";
import { queryRows } from "../../contract/attention-matrix.ts";
import { VisionError } from "../../contract/errors.ts";
import type { HeadFusion, Query } from "../../contract/explain-request.ts";
import type { Size } from "../../contract/geometry.ts";
import { prefixTokens } from "../../models/vit/config.ts";
import { walkAttentions, type AnyVit } from "../engine-vit.ts";
import type { ExplainRun } from "../explain-run.ts";
import { patchGrid } from "../patch-grid.ts";
import { inScope } from "../tensor-scope.ts";
import { addResidual } from "./add-residual.ts";
import { LayeredNetwork } from "./max-flow.ts";
import { reduceHeads } from "./reduce-heads.ts";

/** Pipes of the network times maps' cells times queries. */
const MOST_WORK = 100e6;

export type Flow = { readonly head: HeadFusion; readonly query: Query };

/**
 * Attention flow (Abnar & Zuidema 2020): blocks are layers of a network, weights with the residual added the widths of
 * its pipes, and each cell's number is the most that can flow from the query's token after the last block to the cell's
 * before the first, 0…1. image `[1, height, width, C]` → `[cells]`. Throws `invalid-argument` where the network is too
 * large to wait for.
 */
export function flowThrough(
  vit: AnyVit,
  image: Tensor4D,
  { head, query }: Flow,
  run: ExplainRun,
): Promise<Float32Array> {
  const grid = patchGrid(vit, image);
  const prefix = prefixTokens(vit.config);
  const rows = queryRows({ prefixTokens: prefix, grid }, query);
  const cells = grid.width * grid.height;
  const tokens = prefix + cells;
  expectAffordable(vit.config.layers * tokens ** 2 * cells * rows.count, grid);
  return inScope(async (scope) => {
    const pipes: Float32Array[] = []; // last block first
    await walkAttentions(vit, image, run, async (attention) => {
      const fused = scope.hold(reduceHeads(attention, head));
      const mixed = scope.hold(addResidual(fused));
      pipes.unshift((await mixed.data()) as Float32Array);
      scope.drop(fused, mixed);
    });
    const network = new LayeredNetwork(pipes, tokens);
    const values = new Float32Array(cells);
    for (let cell = 0; cell < cells; cell++) {
      for (let row = rows.first; row < rows.first + rows.count; row++) {
        await run.pause?.();
        values[cell]! += network.maxFlow(row, prefix + cell) / rows.count;
      }
    }
    return values;
  });
}

function expectAffordable(work: number, { width, height }: Size): void {
  if (work <= MOST_WORK) return;
  const times = (work / MOST_WORK).toFixed(1);
  throw new VisionError(
    "invalid-argument",
    `flow: ${height} × ${width} cells are ${times} times what can be waited for; ask for rollout`,
  );
}
