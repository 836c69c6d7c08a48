import type { EncoderPlan } from "../encoder-engine.ts";
import type { Dimensions } from "./dimensions.ts";
import { hostMatrix, type HostMatrix, type Matrices, type Matrix } from "../webgl/matrices.ts";

/** What a forward pass of up to `images` images writes. */
export type Activations = {
  readonly images: number;
  readonly pixels: HostMatrix; // patches on the host
  readonly patches: Matrix;
  readonly stream: Matrix; // what a block reads and writes
  readonly halfway: Matrix; // the stream between its halves
  readonly queryKeyValue: Matrix;
  readonly scores: Matrix;
  readonly statistics: Matrix;
  readonly mixed: Matrix;
  readonly inner: Matrix;
  readonly encoded: Matrix;
  readonly pooled: Matrix;
  readonly picked: Matrix; // one token of each image, or what is pooled before its norm
  readonly bent: Matrix; // the pooler's output
  readonly oneHead: Matrix;
  readonly logits: Matrix;
};

/** Images of one pass: what their scores take stays below this, and their rows below a texture's greatest height. */
const SCORE_BYTES = 64 * 1024 * 1024;

export function mostImages(
  gl: WebGL2RenderingContext,
  { heads }: EncoderPlan,
  { lanes, keys, seats }: Dimensions,
): number {
  const highest = (gl.getParameter(gl.MAX_TEXTURE_SIZE) as number) * lanes;
  return Math.max(1, Math.floor(Math.min(SCORE_BYTES / (heads * keys * seats * 4), highest / seats)));
}

export function makeActivations(matrices: Matrices, plan: EncoderPlan, sizes: Dimensions, images: number): Activations {
  const rows = images * sizes.seats;
  const pixels = hostMatrix(rows, sizes.patch);
  const whole = (rows: number, columns: number): Matrix => matrices.target(rows, columns, "float32");
  const answer = (columns: number): Matrix => whole(images, Math.max(columns, 1));
  return {
    images,
    pixels,
    patches: matrices.upload(pixels),
    stream: whole(rows, sizes.stream),
    halfway: whole(rows, sizes.stream),
    queryKeyValue: matrices.target(rows, 3 * sizes.joined),
    scores: matrices.target(rows, plan.heads * sizes.keys),
    statistics: whole(rows, sizes.span * plan.heads),
    mixed: matrices.target(rows, sizes.joined),
    inner: matrices.target(rows, sizes.inner),
    encoded: whole(rows, sizes.width),
    pooled: answer(sizes.width),
    picked: answer(sizes.width),
    bent: answer(plan.hiddenSize),
    oneHead: answer(plan.classes),
    logits: answer(plan.classes),
  };
}

export const matricesOf = (made: Activations): Matrix[] =>
  Object.values(made).filter((part): part is Matrix => typeof part === "object" && "texture" in part);
