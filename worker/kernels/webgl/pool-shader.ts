import { layersOf, type Tile } from "./matrices.ts";
import { each, frame } from "./shader-text.ts";

/** `count` rows of each image from its `first` on, added and divided by `width`: an image of A, `tall` tiles, becomes a row. */
export const poolShader = (tile: Tile): string =>
  frame(
    tile,
    "uniform sampler2DArray A; uniform int first, count, tall; uniform float width;",
    each(layersOf(tile), (layer) => {
      const row = layer % tile.lanes;
      return `o${layer} = vec4(0);
      for (int t = first; t < first + count; t++) o${layer} += texelFetch(A,
        ivec3(at.x, (at.y * ${tile.lanes} + ${row}) * tall + t / ${tile.lanes}, ${layer - row} + t % ${tile.lanes}), 0);
      o${layer} /= width;`;
    }),
  );
