import { addN, add, div, minimum, mul, sqrt, square, sum, tidy, type Scalar, type Tensor } from "@tensorflow/tfjs-core";

/** PyTorch's guard against division by a norm of 0. */
const EPSILON = 1e-6;

export type ClippedGradients = {
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly norm: Scalar; // of all gradients together, before they were clipped
};

/**
 * Scales all gradients by one factor so that their common norm is at most `largest`, as `clip_grad_norm_`. The caller
 * owns the results; nothing is read back from the device.
 */
export function clipGradients(gradients: ReadonlyMap<string, Tensor>, largest: number): ClippedGradients {
  const names = [...gradients.keys()];
  const [norm, ...clipped] = tidy(() => {
    const all = [...gradients.values()];
    const length: Tensor = sqrt(addN(all.map((gradient) => sum(square(gradient)))));
    const factor = minimum(div(largest, add(length, EPSILON)), 1);
    return [length, ...all.map((gradient) => mul(gradient, factor))];
  }) as [Scalar, ...Tensor[]];
  return { gradients: new Map(names.map((name, index) => [name, clipped[index]!])), norm };
}
