import {
  add,
  matMul,
  mean,
  reshape,
  tensor2d,
  tidy,
  transpose,
  zerosLike,
  type Tensor2D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";

export const BASELINES = ["blur", "mean"] as const;

/** What a picture holds where a cell is taken away: a blur of itself, or its mean colour everywhere. */
export type Baseline = (typeof BASELINES)[number];

/** One patch of 16 pixels in an image of 224: what a patch alone shows is gone. */
const BLUR = 1 / 14; // of the longer side, standard deviation

/** Gaussian weights `[length, length]` along one axis, each row with sum 1, so that edges do not darken. */
function blurMatrix(length: number, deviation: number): Tensor2D {
  const values = new Float32Array(length * length);
  for (let to = 0; to < length; to++) {
    const row = values.subarray(to * length, (to + 1) * length);
    row.forEach((_, from) => (row[from] = Math.exp(-((to - from) ** 2) / (2 * deviation ** 2))));
    const sum = row.reduce((total, weight) => total + weight, 0);
    row.forEach((weight, from) => (row[from] = weight / sum));
  }
  return tensor2d(values, [length, length]);
}

/** image `[1, H, W, C]` → blurred along both axes, of the same shape. */
function blur(image: Tensor4D): Tensor4D {
  const [, height, width, channels] = image.shape;
  const deviation = BLUR * Math.max(height, width);
  const down = matMul(blurMatrix(height, deviation), reshape(image, [height, width * channels])); // [H, W·C]
  const turned = transpose(reshape(down, [height, width, channels]), [1, 0, 2]); // [W, H, C]
  const across = matMul(blurMatrix(width, deviation), reshape(turned, [width, height * channels])); // [W, H·C]
  const upright = transpose(reshape(across, [width, height, channels]), [1, 0, 2]); // [H, W, C]
  return reshape(upright, [1, height, width, channels]);
}

/** image `[1, H, W, C]` → what is left of it once every cell is taken away; the caller owns it. */
export const takeAllAway = (image: Tensor4D, baseline: Baseline): Tensor4D =>
  tidy(() => (baseline === "blur" ? blur(image) : add(zerosLike(image), mean(image, [1, 2], true))));
