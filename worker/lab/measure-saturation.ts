import { grad, max, mean, mul, softmax, sqrt, square, sum, tensor3d, tidy, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Saturation, SaturationQuestion } from "../contract/lab.ts";
import { createRandom } from "../contract/random.ts";
import { registerGradients } from "../kernels/gradients.ts";
import { scorePairs } from "../layers/score.ts";
import { drawNormals } from "../training/draw-weights.ts";

const QUERIES = 512; // to take the mean over

/**
 * Queries and keys of standard normal numbers: their products have a deviation of √d. Divided by it, softmax stays as it
 * is whatever d; left alone, it ends up on one key and lets no gradient through (Vaswani et al. 2017, section 3.2.1).
 */
export async function measureSaturation(question: SaturationQuestion, scaled: boolean): Promise<Saturation[]> {
  registerGradients();
  const measured: Saturation[] = [];
  for (const size of question.sizes) {
    const { largest, gradient } = measureAt(size, question, scaled);
    measured.push({ size, largest: (await largest.data())[0]!, gradient: (await gradient.data())[0]! });
    largest.dispose();
    gradient.dispose();
  }
  return measured;
}

const measureAt = (size: number, { keys, seed }: SaturationQuestion, scaled: boolean) =>
  tidy(() => {
    const random = createRandom(seed);
    const draw = (rows: number, columns: number): Tensor3D =>
      tensor3d(drawNormals(rows * columns, 1, random), [1, rows, columns]);
    const sent = draw(QUERIES, keys);
    const scores = scorePairs({ kind: scaled ? "scaled-dot" : "dot" }, draw(QUERIES, size), draw(keys, size)); // [1, N, M]
    const back = grad((given) => sum(mul(softmax(given), sent)))(scores); // [1, N, M]
    return { largest: mean(max(softmax(scores), -1)), gradient: mean(sqrt(sum(square(back), -1))) };
  });
