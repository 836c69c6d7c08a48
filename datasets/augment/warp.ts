import type { RgbImage } from "../../worker/contract/pixels.ts";
import { cutOut } from "../../worker/image/cut-out.ts";

// What torchvision does to PIL pictures with `affine` and `rotate`: nearest pixel, black outside, the size kept.

/** From places in the result to places in the source: x' = a·x + b·y + c, y' = d·x + e·y + f, in pixels. */
type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

/** Rows slide to the left by `slope` times how far they are from the top. */
export const shearX = (image: RgbImage, slope: number): RgbImage => warp(image, [1, slope, 0, 0, 1, 0]);

/** Columns slide upwards by `slope` times how far they are from the left. */
export const shearY = (image: RgbImage, slope: number): RgbImage => warp(image, [1, 0, 0, slope, 1, 0]);

/** To the right and downwards, by whole pixels. */
export const translate = (image: RgbImage, right: number, down: number): RgbImage =>
  cutOut(image, { left: -right, top: -down, width: image.width, height: image.height });

/** Counter-clockwise about the middle. */
export function rotate(image: RgbImage, degrees: number): RgbImage {
  const angle = -(degrees * (Math.PI / 180));
  const cosine = roundLikePillow(Math.cos(angle));
  const sine = roundLikePillow(Math.sin(angle));
  const x = image.width / 2;
  const y = image.height / 2;
  return warp(image, [cosine, sine, cosine * -x + sine * -y + x, -sine, cosine, -sine * -x + cosine * -y + y]);
}

const roundLikePillow = (value: number): number => Number(value.toFixed(15)); // makes the cosine of 90° 0

/**
 * Pillow's `ImagingTransformAffine`: coefficients in 16 bits behind the point, added up from pixel to pixel. Pillow
 * does so where no corner comes from further than 32,768 pixels away; here it is done everywhere.
 */
function warp({ width, height, data }: RgbImage, [a, b, c, d, e, f]: Affine): RgbImage {
  const warped = new Uint8Array(data.length);
  const [right, rightDown, down, downDown] = [toFixed(a), toFixed(b), toFixed(d), toFixed(e)];
  const firstX = toFixed(c + a * 0.5 + b * 0.5); // of the middle of the pixel at the top left
  const firstY = toFixed(f + d * 0.5 + e * 0.5);
  let at = 0;
  for (let row = 0; row < height; row++) {
    let x = firstX + row * rightDown;
    let y = firstY + row * downDown;
    for (let column = 0; column < width; column++, at += 3, x += right, y += down) {
      const fromX = Math.floor(x / ONE);
      const fromY = Math.floor(y / ONE);
      if (fromX < 0 || fromX >= width || fromY < 0 || fromY >= height) continue;
      const from = (fromY * width + fromX) * 3;
      warped[at] = data[from]!;
      warped[at + 1] = data[from + 1]!;
      warped[at + 2] = data[from + 2]!;
    }
  }
  return { width, height, data: warped };
}

const ONE = 2 ** 16;
const toFixed = (value: number): number => Math.floor(value * ONE + 0.5);
