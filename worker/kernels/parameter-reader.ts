import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * The values of one parameter by its name in the model's table of shapes, row-major, PyTorch's layout.
 * Read one at a time, so that half-precision weights never stand in memory widened all at once.
 */
export type ParameterReader = (name: string) => Float32Array;

/** The same on the device: one parameter as a tensor of PyTorch's shape; whoever gives it owns it. */
export type TensorReader = (name: string) => Tensor;
