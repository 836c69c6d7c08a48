/** The browser worker: puts together what a browser has, and exposes the protocol. Only this file knows where it runs. */
import plainWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import plainEncoder from "../dist/kernels/encoder.wasm?url";
import plainThreads from "../dist/kernels/encoder-threads.wasm?url";
import relaxedEncoder from "../dist/kernels/encoder-relaxed.wasm?url";
import relaxedThreads from "../dist/kernels/encoder-relaxed-threads.wasm?url";
import { expose } from "comlink";
import { cacheStorageStore } from "./checkpoint/sources/cache-storage-store.ts";
import { writeBehind } from "./checkpoint/sources/write-behind.ts";
import { carryErrorsWhole } from "./contract/error-codec.ts";
import { fetchPicture } from "./image/fetch-picture.ts";
import { decodeInBrowser } from "./image/decode-browser.ts";
import { usefulThreads, type StartThread } from "./kernels/wasm/kernel-threads.ts";
import type { KernelFiles } from "./kernels/wasm/kernels.ts";
import { cpuBackend } from "./runtime/backends/cpu.ts";
import { wasmBackend } from "./runtime/backends/wasm.ts";
import { webglBackend } from "./runtime/backends/webgl.ts";
import { serveVision } from "./runtime/serve-vision.ts";

const besideThis = (path: string): string => new URL(path, self.location.href).href;

const bytesBesideThis = (path: string) => async (): Promise<ArrayBuffer> => {
  const response = await fetch(besideThis(path));
  if (response.ok) return response.arrayBuffer();
  throw new Error(`${path}: wanted WebAssembly, got HTTP ${response.status}`);
};

const kernels = (relaxed: string, plain: string): KernelFiles => ({
  relaxed: bytesBesideThis(relaxed),
  plain: bytesBesideThis(plain),
});

/** Bundlers look for exactly this expression. */
const startThread: StartThread = (work) => {
  const thread = new Worker(new URL("./encoder-thread.ts", import.meta.url), { type: "module" });
  thread.onerror = (event) => event.preventDefault(); // the work is done without it
  thread.postMessage(work);
  return { end: () => thread.terminate() };
};

/** Threads need shared memory, which browsers give to cross-origin isolated pages alone. */
const threads = self.crossOriginIsolated ? usefulThreads(navigator.hardwareConcurrency) : 1;

const wasm = wasmBackend(
  { simd: besideThis(simdWasm), plain: besideThis(plainWasm) },
  {
    alone: kernels(relaxedEncoder, plainEncoder),
    threaded: { ...kernels(relaxedThreads, plainThreads), threads, start: startThread },
  },
);

// An unhandled rejection never reaches the page; an error does, and the page then starts another worker.
self.addEventListener("unhandledrejection", (event) => self.reportError(event.reason));

carryErrorsWhole();
expose(
  serveVision({
    drivers: [webglBackend, wasm, cpuBackend],
    decode: decodeInBrowser,
    fetch: async (url, signal) => new Blob([await fetchPicture(url, signal)]),
    store: writeBehind(cacheStorageStore()),
  }),
);
