import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { env, setBackend } from "@tensorflow/tfjs-core";
import { offerKernels, openKernels, type KernelFiles, type ThreadedKernels } from "../../kernels/wasm/kernels.ts";
import { SYNCHRONOUS, type BackendDriver } from "./driver.ts";

/** Where the two builds of tfjs's WebAssembly kernels lie: URLs in a browser, file paths in Node. */
type WasmPaths = { readonly simd: string; readonly plain: string };

/** Kernels of our own for encoders: for one thread, and for as many as the host has. */
type EncoderFiles = { readonly alone: KernelFiles; readonly threaded: ThreadedKernels };

/**
 * WebAssembly with SIMD where the machine has it; where `encoders` are given, they run on kernels of our own. tfjs has
 * one thread: its others need blob workers, which our Content-Security-Policy refuses, and hang where they are refused.
 */
export const wasmBackend = ({ simd, plain }: WasmPaths, encoders: EncoderFiles | null): BackendDriver => {
  if (encoders) offerKernels(encoders.alone, encoders.threaded);
  return {
    name: "wasm",
    async start() {
      env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
      setWasmPaths({
        "tfjs-backend-wasm-simd.wasm": simd,
        "tfjs-backend-wasm.wasm": plain,
        "tfjs-backend-wasm-threaded-simd.wasm": simd, // asked for by name, never loaded
      });
      const [started, kernels] = await Promise.all([setBackend("wasm"), encoders && openKernels()]);
      if (!started) throw new Error("WebAssembly did not start.");
      return { ...SYNCHRONOUS, threads: kernels?.threaded?.threads ?? 1 };
    },
  };
};
