import { fused, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";

/** Rows with a large mean, as real residual streams have: a backend that cuts precision fails on them. */
const INPUT = [100.3, 100.55, 101.7, 99.1, -3, 0.5, 2, 8].map(Math.fround); // [2, 4]
const KERNEL = [0.5, -1, 0.25, 1, 2, 0.75, -1, -1.5, 0.25, -0.5, 0.5, -1.25]; // [4, 3], columns of sum 0
const BIAS = [-1, 0.5, 0]; // [3]
/** Well above float32's rounding, well below what half precision would do to these values. */
const TOLERANCE = 1e-4;

/** The same computation in float64. */
function reference(): number[] {
  return [0, 1].flatMap((row) =>
    BIAS.map((bias, column) => {
      const values = INPUT.slice(row * 4, row * 4 + 4);
      return 1 / (1 + Math.exp(-values.reduce((sum, x, k) => sum + x * KERNEL[k * 3 + column]!, bias)));
    }),
  );
}

/**
 * Runs a product and the sigmoid behind it on the current backend and compares with float64: one shader of tfjs, since
 * every further one takes a software GPU some 50 ms to compile. Resolves to the largest error; throws where that is more
 * than rounding can explain.
 */
export async function selfTest(): Promise<number> {
  const result = tidy(() =>
    fused.matMul({
      a: tensor2d(INPUT, [2, 4]),
      b: tensor2d(KERNEL, [4, 3]),
      bias: tensor1d(BIAS),
      activation: "sigmoid",
    }),
  );
  const answer = await result.data();
  result.dispose();
  const error = Math.max(...reference().map((wanted, at) => Math.abs(wanted - (answer[at] ?? NaN))));
  if (error <= TOLERANCE) return error; // NaN fails too
  throw new Error(`It computes wrong numbers (off by ${error.toExponential(1)} on a known answer).`);
}
