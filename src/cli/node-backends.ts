import { createRequire } from "node:module";
import { cpuBackend } from "../../worker/runtime/backends/cpu.ts";
import type { BackendDriver } from "../../worker/runtime/backends/driver.ts";
import { wasmBackend } from "../../worker/runtime/backends/wasm.ts";

const require = createRequire(import.meta.url);
const kernels = (file: string): string => require.resolve(`@tensorflow/tfjs-backend-wasm/dist/${file}`);

/** What Node can compute on, in the order "auto" tries them. */
export const nodeBackends: readonly BackendDriver[] = [
  wasmBackend({ simd: kernels("tfjs-backend-wasm-simd.wasm"), plain: kernels("tfjs-backend-wasm.wasm") }),
  cpuBackend,
];
