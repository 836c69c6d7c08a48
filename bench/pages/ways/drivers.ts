import plainWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import plainEncoder from "../../../dist/kernels/encoder.wasm?url";
import plainThreads from "../../../dist/kernels/encoder-threads.wasm?url";
import relaxedEncoder from "../../../dist/kernels/encoder-relaxed.wasm?url";
import relaxedThreads from "../../../dist/kernels/encoder-relaxed-threads.wasm?url";
import type { StartThread } from "../../../worker/kernels/wasm/kernel-threads.ts";
import type { KernelFiles } from "../../../worker/kernels/wasm/kernels.ts";
import type { BackendDriver } from "../../../worker/runtime/backends/driver.ts";
import { wasmBackend } from "../../../worker/runtime/backends/wasm.ts";
import { webglBackend } from "../../../worker/runtime/backends/webgl.ts";
import type { Way } from "./contestant.ts";

const here = (path: string): string => new URL(path, location.href).href;

const kernels = (relaxed: string, plain: string): KernelFiles => ({
  relaxed: async () => (await fetch(here(relaxed))).arrayBuffer(),
  plain: async () => (await fetch(here(plain))).arrayBuffer(),
});

const start: StartThread = (work) => {
  const thread = new Worker(new URL("../../../worker/encoder-thread.ts", import.meta.url), { type: "module" });
  thread.onerror = (event) => event.preventDefault(); // the work is done without it
  thread.postMessage(work);
  return { end: () => thread.terminate() };
};

/** The backend as worker/main.ts has it, with as many threads as are asked for. */
export function driverFor({ on, threads }: Pick<Way, "on" | "threads">): BackendDriver {
  if (on === "webgl") return webglBackend;
  return wasmBackend(
    { simd: here(simdWasm), plain: here(plainWasm) },
    {
      alone: kernels(relaxedEncoder, plainEncoder),
      threaded: { ...kernels(relaxedThreads, plainThreads), threads, start },
    },
  );
}
