import { add, div, minimum, mul, sqrt, square, sum, tidy, type Scalar, type Tensor } from "@tensorflow/tfjs-core";

/** PyTorch's guard against division by a norm of 0. */
const EPSILON = 1e-6;

export type ClippedGradients = {
  readonly gradients: ReadonlyMap<string, Tensor>;
  readonly norm: Scalar; // of all gradients together, before they were clipped
};

/**
 * Of all gradients together, as one vector. The caller owns it. Added one by one: of more tensors than a shader has
 * textures, the WebGL backend's `addN` leaves those between on the GPU.
 */
export const normOf = (gradients: ReadonlyMap<string, Tensor>): Scalar =>
  tidy(() => {
    const squares = [...gradients.values()].map((gradient) => sum<Scalar>(square(gradient)));
    return sqrt(squares.reduce((total, one) => add(total, one)));
  });

/**
 * Scales all gradients by one factor so that their common norm is at most `largest`, as `clip_grad_norm_`. The caller
 * owns the results; nothing is read back from the device.
 */
export function clipGradients(gradients: ReadonlyMap<string, Tensor>, largest: number): ClippedGradients {
  const names = [...gradients.keys()];
  const [norm, ...clipped] = tidy(() => {
    const length: Tensor = normOf(gradients);
    const factor = minimum(div(largest, add(length, EPSILON)), 1);
    return [length, ...[...gradients.values()].map((gradient) => mul(gradient, factor))];
  }) as [Scalar, ...Tensor[]];
  return { gradients: new Map(names.map((name, index) => [name, clipped[index]!])), norm };
}
