import type { Tensor } from "@tensorflow/tfjs-core";

/** A tensor's numbers, row-major; the tensor is gone. */
export async function takeValues(tensor: Tensor): Promise<Float32Array> {
  try {
    return await tensor.data<"float32">();
  } finally {
    tensor.dispose();
  }
}
