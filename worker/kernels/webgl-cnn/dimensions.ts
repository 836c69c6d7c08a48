import type { Size } from "../../contract/geometry.ts";
import { strided } from "../cnn-blocks.ts";
import type { CnnPlan } from "../cnn-engine.ts";
import { padTo, TEXEL, type Tile } from "../webgl/matrices.ts";

/**
 * Positions of a map in the rows of a matrix, one behind the other. A row of a map that is convolved takes one more than
 * it has, of zeros: what lies beside it on either side.
 */
export type Grid = Size & {
  readonly channels: number; // not padded
  readonly pitch: number; // positions that a row takes
  readonly tall: number; // tiles that an image takes
};

export type Dimensions = {
  readonly tile: Tile;
  readonly image: Grid;
  readonly stem: Grid;
  readonly stages: readonly Grid[];
  readonly attended: Grid | null; // the attention module's, without zeros
  readonly inner: number; // channels of its queries, padded
  readonly keys: number; // columns of its scores
};

export const layOut = ({ width, height }: Size, channels: number, { lanes }: Tile, zeros: number): Grid => {
  const pitch = width + zeros;
  return { width, height, channels, pitch, tall: Math.ceil((height * pitch) / lanes) };
};

export function measureCnn({ imageSize, channels, stem, stages, attention }: CnnPlan, tile: Tile): Dimensions {
  let size = imageSize;
  const [first, ...rest] = [stem, ...stages].map(({ channels, stride }) => {
    size = strided(size, stride);
    return layOut(size, channels, tile, 1);
  });
  const attended = attention && layOut(rest[attention.afterStage]!, attention.innerChannels, tile, 0);
  return {
    tile,
    image: layOut(imageSize, channels, tile, 1),
    stem: first!,
    stages: rest,
    attended,
    inner: padTo(attention?.innerChannels ?? 0, TEXEL),
    keys: attended ? padTo(attended.width * attended.height, TEXEL) : 0,
  };
}
