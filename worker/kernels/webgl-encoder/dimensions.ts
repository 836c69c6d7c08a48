import type { EncoderPlan } from "../encoder-engine.ts";
import { countPrefix } from "../prefix-tokens.ts";
import { mostTargets, padTo, type Tile } from "../webgl/matrices.ts";

/** Four rows, and as many columns as the render targets hold. */
export const encoderTile = (gl: WebGL2RenderingContext): Tile => ({ lanes: 4, span: mostTargets(gl) });

/** The sizes a forward pass is drawn with. Counts of columns are padded to whole tiles, rows of an image too. */
export type Dimensions = Tile & {
  readonly prefix: number; // tokens in front of the first patch
  readonly tokens: number; // T, of one image
  readonly seats: number; // rows that one image takes, T padded
  readonly width: number; // D, padded
  /** Columns of the residual stream: the tokens without their mean, then a tile that begins with the mean. */
  readonly stream: number;
  readonly headSize: number; // of one head, not padded
  readonly headWidth: number;
  readonly joined: number; // of all heads, each padded
  readonly inner: number; // of the feed-forward layer
  readonly keys: number; // columns of one head's scores
  readonly grid: { readonly rows: number; readonly columns: number };
  readonly patch: number; // pixels × channels of one patch, padded
};

export function measurePlan(plan: EncoderPlan, { lanes, span }: Tile): Dimensions {
  const { imageSize, patchSize, hiddenSize, heads } = plan;
  const grid = {
    rows: Math.floor(imageSize.height / patchSize.height),
    columns: Math.floor(imageSize.width / patchSize.width),
  };
  const prefix = countPrefix(plan);
  const tokens = prefix + grid.rows * grid.columns;
  const width = padTo(hiddenSize, span);
  const headWidth = padTo(hiddenSize / heads, span);
  return {
    lanes,
    span,
    prefix,
    tokens,
    seats: padTo(tokens, lanes),
    width,
    stream: width + span,
    headSize: hiddenSize / heads,
    headWidth,
    joined: heads * headWidth,
    inner: padTo(plan.intermediateSize, span),
    keys: padTo(tokens, span),
    grid,
    patch: padTo(patchSize.height * patchSize.width * plan.channels, span),
  };
}
