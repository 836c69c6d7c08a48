import { elementCount, type HostTensors } from "../contract/host-tensor.ts";
import { DTYPE_BYTES } from "./safetensors.ts";
import { isStatistic } from "../models/attention-cnn/parameters.ts";

type Sums = {
  readonly dtype: string; // the common type, "mixed" where they differ
  readonly weightBytes: number;
  readonly learned: number; // how many numbers of them a model learns
};

/** All tensors together. */
export function sumUp(tensors: HostTensors): Sums {
  const types = new Set<string>();
  let [weightBytes, learned] = [0, 0];
  for (const [name, { dtype, shape }] of tensors) {
    const elements = elementCount(shape);
    types.add(dtype);
    weightBytes += elements * DTYPE_BYTES[dtype];
    if (!isStatistic(name)) learned += elements;
  }
  const [only = "none"] = types;
  return { dtype: types.size > 1 ? "mixed" : only, weightBytes, learned };
}
