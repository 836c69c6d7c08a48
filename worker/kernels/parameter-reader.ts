import type { Tensor } from "@tensorflow/tfjs-core";

/**
 * The values of one parameter by its name in the model's table of shapes, row-major, PyTorch's layout.
 * Read one at a time, so that half-precision weights never stand in memory widened all at once.
 */
export type ParameterReader = (name: string) => Float32Array;

/** The same on the device: one parameter as a tensor of PyTorch's shape; whoever gives it owns it. */
export type TensorReader = (name: string) => Tensor;

/**
 * Awaited before parameters are read, which may still be on their way: gives one of these beginnings, all of whose
 * parameters are there ("" begins every name); nothing, where all of them are. It throws where none are to be read.
 */
export type AwaitParameters = (beginnings: readonly string[]) => Promise<string | void>;

/** Awaited where it takes all parameters. */
export const allOf =
  (there: AwaitParameters): (() => Promise<void>) =>
  async () =>
    void (await there([""]));
