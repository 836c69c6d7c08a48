import { matMul, softmax, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { activate } from "../layers/activation.ts";
import { layerNorm } from "../layers/layer-norm.ts";
import { tensor1d } from "@tensorflow/tfjs-core";

/** Rows with a large mean, as real residual streams have: a backend that cuts precision fails on them. */
const INPUT = [100.25, 100.5, 101, 99, -3, 0.5, 2, 8] as const; // [2, 4]
const KERNEL = [0.5, -1, 0.25, 2, 1, 0, -0.5, 1.5, 3, -2, 0.125, 1] as const; // [4, 3]
const EPSILON = 1e-6;
/** Well above float32's rounding, well below what half precision would do to these values. */
const TOLERANCE = 1e-4;

/** The same computation in float64. */
function reference(): number[] {
  return [0, 1].flatMap((row) => {
    const values = INPUT.slice(row * 4, row * 4 + 4);
    const mean = values.reduce((sum, x) => sum + x, 0) / 4;
    const variance = values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 4;
    const normal = values.map((x) => (x - mean) / Math.sqrt(variance + EPSILON));
    const scores = [0, 1, 2].map((column) => {
      const product = normal.reduce((sum, x, k) => sum + x * KERNEL[k * 3 + column]!, 0);
      return product / (1 + Math.exp(-product)); // SiLU
    });
    const exponents = scores.map((x) => Math.exp(x));
    const total = exponents.reduce((sum, x) => sum + x, 0);
    return exponents.map((x) => x / total);
  });
}

/**
 * Runs norm, product, activation and softmax on the current backend and compares with float64.
 * Resolves to the largest error; throws where that is more than rounding can explain.
 */
export async function selfTest(): Promise<number> {
  const result = tidy(() => {
    const norm = { scale: tensor1d([1, 1, 1, 1]), shift: tensor1d([0, 0, 0, 0]), epsilon: EPSILON };
    const normal = layerNorm(norm, tensor2d([...INPUT], [2, 4]));
    return softmax(activate("silu", matMul(normal, tensor2d([...KERNEL], [4, 3]))));
  });
  const answer = await result.data();
  result.dispose();
  const error = Math.max(...reference().map((wanted, at) => Math.abs(wanted - (answer[at] ?? NaN))));
  if (error <= TOLERANCE) return error; // NaN fails too
  throw new Error(`It computes wrong numbers (off by ${error.toExponential(1)} on a known answer).`);
}
