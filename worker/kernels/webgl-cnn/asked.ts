import type { HostArray } from "../../contract/forward.ts";
import type { CnnEngineStage } from "../cnn-engine.ts";
import { firstColumns, softmaxRows } from "../webgl/arrange-rows.ts";
import { TEXEL, type Matrix } from "../webgl/matrices.ts";
import type { ReadBack, Rows } from "../webgl/read-back.ts";
import type { Grid } from "./dimensions.ts";
import type { Placed } from "./forward.ts";
import { takeMaps } from "./maps.ts";

/** The stages of one pass that are asked for, read as they are drawn. */
export class Asked {
  readonly #left: Set<CnnEngineStage>;
  readonly #shapes: (readonly [CnnEngineStage, (rows: Float32Array) => HostArray])[] = [];

  constructor(
    readonly readBack: ReadBack,
    stages: readonly CnnEngineStage[],
    readonly images: number,
    readonly lanes: number,
  ) {
    this.#left = new Set(stages);
  }

  /** Whether any is still to be drawn. */
  wantsMore(): boolean {
    return this.#left.size > 0;
  }

  map(stage: CnnEngineStage, { matrix, grid }: Placed): void {
    this.#take(stage, matrix, this.#rows(grid), (rows) => takeMaps(rows, grid, matrix.across * TEXEL));
  }

  weights(scores: Matrix, grid: Grid): void {
    const tokens = grid.width * grid.height;
    this.#take("attention.weights", scores, this.#rows(grid), (rows) =>
      softmaxRows(rows, tokens, { heads: 1, keys: scores.across * TEXEL, tokens }),
    );
  }

  answer(stage: CnnEngineStage, matrix: Matrix, columns: number): void {
    const { images } = this;
    this.#take(stage, matrix, { images: 1, seats: 0, first: 0, count: images }, (rows) => ({
      shape: [images, columns],
      values: firstColumns(rows, matrix.across * TEXEL, columns),
    }));
  }

  /** Throws `context-lost`. */
  async finish(): Promise<Map<CnnEngineStage, HostArray>> {
    const rows = await this.readBack.finish();
    return new Map(this.#shapes.map(([stage, shape], at) => [stage, shape(rows[at]!)]));
  }

  #rows({ tall, height, pitch }: Grid): Rows {
    return { images: this.images, seats: tall * this.lanes, first: 0, count: height * pitch };
  }

  #take(stage: CnnEngineStage, matrix: Matrix, rows: Rows, shape: (rows: Float32Array) => HostArray): void {
    if (!this.#left.delete(stage)) return;
    this.readBack.pull(matrix, rows);
    this.#shapes.push([stage, shape]);
  }
}
