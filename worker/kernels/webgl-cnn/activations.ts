import type { Precision } from "../../contract/precision.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { hostMatrix, padTo, TEXEL, type HostMatrix, type Matrices, type Matrix } from "../webgl/matrices.ts";
import type { Dimensions, Grid } from "./dimensions.ts";

/** Three maps of the same measures: what a block reads or its shortcut, what it writes, and between its convolutions. */
export type Room = { readonly grid: Grid; readonly maps: readonly [Matrix, Matrix]; readonly inner: Matrix };

/** What a forward pass of up to `images` images writes. */
export type Activations = {
  readonly images: number;
  readonly pixels: HostMatrix; // images on the host
  readonly image: Matrix;
  readonly stem: Matrix;
  readonly stages: readonly Room[];
  readonly attention: Readonly<Record<"queryKeyValue" | "scores" | "statistics" | "mixed", Matrix>> | null;
  readonly pooled: Matrix;
  readonly logits: Matrix;
  readonly all: readonly Matrix[];
};

/** Images of one pass: what their scores take stays below this, and their rows below a texture's greatest height. */
const SCORE_BYTES = 64 * 1024 * 1024;

export function mostImages(gl: WebGL2RenderingContext, { image, stem, stages, attended, keys }: Dimensions): number {
  const highest = gl.getParameter(gl.MAX_TEXTURE_SIZE) as number;
  const tallest = Math.max(...[image, stem, ...stages].map(({ tall }) => tall));
  const scores = attended ? attended.width * attended.height * keys * Float32Array.BYTES_PER_ELEMENT : 1;
  return Math.max(1, Math.floor(Math.min(highest / tallest, SCORE_BYTES / scores)));
}

export function makeActivations(matrices: Matrices, plan: CnnPlan, sizes: Dimensions, images: number): Activations {
  const { attended, inner, keys, tile } = sizes;
  const all: Matrix[] = [];
  const kept = (matrix: Matrix): Matrix => (all.push(matrix), matrix);
  const on = ({ tall, channels }: Grid, columns = channels, precision?: Precision): Matrix =>
    kept(matrices.target(images * tall * tile.lanes, columns, precision));
  const answer = (columns: number): Matrix => kept(matrices.target(images, columns, "float32"));
  const pixels = hostMatrix(images * sizes.image.tall * tile.lanes, padTo(plan.channels, TEXEL));
  return {
    images,
    pixels,
    image: kept(matrices.upload(pixels)),
    stem: on(sizes.stem),
    stages: sizes.stages.map((grid) => ({ grid, maps: [on(grid), on(grid)], inner: on(grid) })),
    attention: attended && {
      queryKeyValue: on(attended, 3 * inner),
      scores: on(attended, keys),
      statistics: on(attended, TEXEL, "float32"),
      mixed: on(attended),
    },
    pooled: answer(plan.stages.at(-1)!.channels),
    logits: answer(Math.max(plan.classes, 1)),
    all,
  };
}
