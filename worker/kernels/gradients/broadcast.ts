import { broadcast_util, reshape, sum, type Tensor } from "@tensorflow/tfjs-core";

/** A gradient of a broadcast shape → that of the operand, `shape`: summed over every axis the operand was repeated on. */
export function sumTo(gradient: Tensor, shape: number[]): Tensor {
  const axes = broadcast_util.getReductionAxes(shape, gradient.shape);
  return reshape(axes.length > 0 ? sum(gradient, axes) : gradient, shape);
}
