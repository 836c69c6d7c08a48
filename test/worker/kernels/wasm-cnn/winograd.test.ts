import fc from "fast-check";
import { expect, test } from "vitest";
import { isWorthTiles, winogradKernel } from "../../../../worker/kernels/wasm-cnn/winograd.ts";

/** The matrices of F(2 × 2, 3 × 3) as the paper has them. */
const B_TRANSPOSED = [
  [1, 0, -1, 0],
  [0, 1, 1, 0],
  [0, -1, 1, 0],
  [0, 1, 0, -1],
];
const A_TRANSPOSED = [
  [1, 1, 1, 0],
  [0, 1, -1, -1],
];

const number = fc.float({ min: -4, max: 4, noNaN: true });
const matrix = (side: number) => fc.array(number, { minLength: side * side, maxLength: side * side });

/** M x Mᵀ of a square x */
function sandwich(m: readonly number[][], x: readonly number[]): number[] {
  const side = m[0]!.length;
  return m.flatMap((left) =>
    m.map((right) => x.reduce((sum, value, at) => sum + left[Math.floor(at / side)]! * value * right[at % side]!, 0)),
  );
}

test("terms of a tile times a kernel's, joined, are the convolution", () => {
  fc.assert(
    fc.property(matrix(3), matrix(4), fc.float({ min: -2, max: 2, noNaN: true }), (taps, tile, factor) => {
      const kernel = { weight: Float32Array.from(taps), scale: Float64Array.of(factor), shift: Float64Array.of(7) };
      const { weight, scale, shift } = winogradKernel(kernel);
      const products = sandwich(B_TRANSPOSED, tile).map((term, at) => term * weight[at]! * scale[0]!);
      const wanted = [0, 1, 4, 5].map((first) =>
        taps.reduce((sum, tap, at) => sum + factor * tap * tile[first + 4 * Math.floor(at / 3) + (at % 3)]!, 0),
      );
      sandwich(A_TRANSPOSED, products).forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 4));
      expect([...shift]).toEqual([7]);
    }),
  );
});

test("each output's kernels take its scale", () => {
  const weight = Float32Array.from({ length: 2 * 3 * 9 }, (_, at) => at); // [2, 3, 3, 3]
  const { weight: terms } = winogradKernel({ weight, scale: Float64Array.of(1, -10), shift: Float64Array.of(0, 0) });
  const corner = (kernel: number) => terms[kernel * 16]; // of G g Gᵀ: the first tap
  expect([0, 1, 2, 3, 4, 5].map(corner)).toEqual([0, 9, 18, -270, -360, -450]);
});

test("tiles are for many channels of maps that they cover without much waste", () => {
  const square = (side: number) => ({ width: side, height: side });
  expect(isWorthTiles(32, 33, { width: 21, height: 13 })).toBe(true);
  expect(isWorthTiles(256, 256, square(9))).toBe(true);
  expect(isWorthTiles(32, 32, square(4))).toBe(true);
  expect(isWorthTiles(32, 31, square(16))).toBe(false);
  expect(isWorthTiles(31, 32, square(16))).toBe(false);
  expect(isWorthTiles(64, 64, square(3))).toBe(false); // 64 products for 81
  expect(isWorthTiles(64, 64, square(2))).toBe(false); // a tile alone
  expect(isWorthTiles(64, 64, { width: 1, height: 99 })).toBe(false);
});
