import { memory } from "@tensorflow/tfjs-core";
import type { MemoryReport } from "../contract/api.ts";

/** What tfjs's WebGL backend adds to its report. */
type GpuMemory = { readonly numBytesInGPU?: number; readonly numBytesInGPUAllocated?: number };

/** What the current backend holds at this moment. */
export function measureMemory(): MemoryReport {
  const report = memory() as ReturnType<typeof memory> & GpuMemory;
  return {
    tensors: report.numTensors,
    bytes: report.numBytes,
    gpuBytes: report.numBytesInGPU ?? null,
    gpuBytesAllocated: report.numBytesInGPUAllocated ?? null,
  };
}
