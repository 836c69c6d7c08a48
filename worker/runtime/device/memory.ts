import { memory } from "@tensorflow/tfjs-core";
import type { MemoryReport } from "../../contract/api.ts";
import { measureEngines } from "../placed/engines.ts";

/** What tfjs's WebGL backend adds to its report. */
type GpuMemory = { readonly numBytesInGPU?: number; readonly numBytesInGPUAllocated?: number };

/** What the current backend holds at this moment. */
export function measureMemory(): MemoryReport {
  const report = memory() as ReturnType<typeof memory> & GpuMemory;
  const { bytes, allocated, host } = measureEngines();
  const onGpu = (tensors: number | undefined, engines: number): number | null =>
    tensors === undefined ? null : tensors + engines;
  return {
    tensors: report.numTensors,
    bytes: report.numBytes + bytes + host,
    gpuBytes: onGpu(report.numBytesInGPU, bytes),
    gpuBytesAllocated: onGpu(report.numBytesInGPUAllocated, allocated),
  };
}
