import { VisionError } from "../contract/errors.ts";
import type { RgbImage } from "../contract/pixels.ts";

/** Raw pixels are taken on trust but for their number, and for being there; throws `image-unsupported-input`. */
export function checkPixelCount({ width = 0, height = 0, data }: Partial<RgbImage>): void {
  if ([width, height].every((side) => Number.isInteger(side) && side >= 1) && data?.length === width * height * 3)
    return;
  const got = `${data?.length} bytes for ${width} × ${height}`;
  throw new VisionError(
    "image-unsupported-input",
    `raw picture: wanted 3 bytes a pixel and at least 1 pixel, got ${got}`,
  );
}
