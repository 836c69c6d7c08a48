import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { cpuBackend } from "../../worker/runtime/backends/cpu.ts";
import { usefulThreads } from "../../worker/kernels/wasm/kernel-threads.ts";
import type { BackendDriver } from "../../worker/runtime/backends/driver.ts";
import { wasmBackend } from "../../worker/runtime/backends/wasm.ts";
import { KERNELS, startThread } from "./encoder-thread.ts";

const require = createRequire(import.meta.url);
const kernels = (file: string): string => require.resolve(`@tensorflow/tfjs-backend-wasm/dist/${file}`);
const wasmKernels = (file: string) => () => readFile(new URL(file, KERNELS));

/** What Node can compute on, in the order "auto" tries them. */
export const nodeBackends: readonly BackendDriver[] = [
  wasmBackend(
    { simd: kernels("tfjs-backend-wasm-simd.wasm"), plain: kernels("tfjs-backend-wasm.wasm") },
    {
      alone: { relaxed: wasmKernels("encoder-relaxed.wasm"), plain: wasmKernels("encoder.wasm") },
      threaded: {
        relaxed: wasmKernels("encoder-relaxed-threads.wasm"),
        plain: wasmKernels("encoder-threads.wasm"),
        threads: usefulThreads(availableParallelism()),
        start: startThread,
      },
    },
  ),
  cpuBackend,
];
