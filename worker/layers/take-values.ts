import type { Tensor } from "@tensorflow/tfjs-core";

/** A tensor's numbers, row-major; the tensor is gone. */
export async function takeValues(tensor: Tensor): Promise<Float32Array> {
  try {
    return await tensor.data<"float32">();
  } finally {
    tensor.dispose();
  }
}

/** One number of each; the tensors are gone. */
export const takeScalars = (scalars: readonly Tensor[]): Promise<number[]> =>
  Promise.all(scalars.map(async (scalar) => (await takeValues(scalar))[0]!));
