import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { env, setBackend } from "@tensorflow/tfjs-core";
import { SYNCHRONOUS, type BackendDriver } from "./driver.ts";

/** Where the two builds of tfjs's WebAssembly kernels lie: URLs in a browser, file paths in Node. */
export type WasmPaths = { readonly simd: string; readonly plain: string };

/**
 * WebAssembly on one thread, with SIMD where the machine has it. tfjs's threads need blob workers, which our
 * Content-Security-Policy refuses, and hang where they are refused.
 */
export const wasmBackend = ({ simd, plain }: WasmPaths): BackendDriver => ({
  name: "wasm",
  async start() {
    env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
    setWasmPaths({
      "tfjs-backend-wasm-simd.wasm": simd,
      "tfjs-backend-wasm.wasm": plain,
      "tfjs-backend-wasm-threaded-simd.wasm": simd, // asked for by name, never loaded
    });
    if (!(await setBackend("wasm"))) throw new Error("WebAssembly did not start.");
    return SYNCHRONOUS;
  },
});
