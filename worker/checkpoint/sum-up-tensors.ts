import type { HostTensors } from "../contract/host-tensor.ts";

/** The common type of all tensors ("mixed" where they differ) and their bytes together. */
export function sumUp(tensors: HostTensors): { dtype: string; weightBytes: number } {
  const types = new Set<string>();
  let weightBytes = 0;
  for (const { dtype, bytes } of tensors.values()) {
    types.add(dtype);
    weightBytes += bytes.length;
  }
  const [only = "none"] = types;
  return { dtype: types.size > 1 ? "mixed" : only, weightBytes };
}
