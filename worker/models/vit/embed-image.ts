import { add, concat, tidy, tile, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Size } from "../../contract/geometry.ts";
import { expectShape } from "../../layers/expect-shape.ts";
import { embedPatches } from "../../layers/patch-embedding.ts";
import { positionGrid, prefixTokens, type VitConfig } from "./config.ts";
import { interpolatePositions } from "./interpolate-positions.ts";
import type { Vit } from "./vit.ts";

/**
 * Throws `input-shape` where an image `[B, height, width, C]` is not of the model's size or, with `interpolate`, is
 * smaller than a patch.
 */
export function expectImage(
  { imageSize, patchSize, channels }: VitConfig,
  image: Tensor4D,
  interpolate: boolean,
): void {
  if (!interpolate) return expectShape("image", image, [null, imageSize.height, imageSize.width, channels]);
  expectShape("image", image, [null, null, null, channels]);
  const [, height, width] = image.shape;
  if (height >= patchSize.height && width >= patchSize.width) return;
  const wanted = `${patchSize.height} × ${patchSize.width}`;
  throw new VisionError(
    "input-shape",
    `image: expected at least one patch of ${wanted} pixels, got ${height} × ${width}`,
  );
}

/** image `[B, height, width, C]` → tokens `[B, P + N, D]`: prefix tokens, patches, positions. */
export function embedImage(vit: Vit, image: Tensor4D): Tensor3D {
  const [batch, height, width] = image.shape;
  const { patchSize } = vit.config;
  const grid = { width: Math.floor(width / patchSize.width), height: Math.floor(height / patchSize.height) };
  return tidy(() => {
    const patches = embedPatches(vit.patches, image); // [B, N, D]
    const tokens = vit.prefix ? concat([tile(vit.prefix, [batch, 1, 1]), patches], 1) : patches; // [B, P + N, D]
    return add<Tensor3D>(tokens, positionsFor(vit, grid));
  });
}

/** Learned positions for a grid, `[1, P + N, D]`. */
function positionsFor({ config, positions }: Vit, grid: Size): Tensor3D {
  const learned = positionGrid(config);
  if (grid.width === learned.width && grid.height === learned.height) return positions;
  return interpolatePositions(positions, prefixTokens(config), learned, grid, config.positionFilter);
}
