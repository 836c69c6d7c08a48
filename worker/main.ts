/** The browser worker: puts together what a browser has, and exposes the protocol. Only this file knows where it runs. */
import plainWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { expose } from "comlink";
import { cacheStorageStore } from "./checkpoint/sources/cache-storage-store.ts";
import { carryErrorsWhole } from "./contract/error-codec.ts";
import { decodeInBrowser } from "./image/decode-browser.ts";
import { cpuBackend } from "./runtime/backends/cpu.ts";
import { wasmBackend } from "./runtime/backends/wasm.ts";
import { webglBackend } from "./runtime/backends/webgl.ts";
import { serveVision } from "./runtime/serve-vision.ts";

const besideThis = (path: string): string => new URL(path, self.location.href).href;

// An unhandled rejection never reaches the page; an error does, and the page then starts another worker.
self.addEventListener("unhandledrejection", (event) => self.reportError(event.reason));

carryErrorsWhole();
expose(
  serveVision({
    drivers: [webglBackend, wasmBackend({ simd: besideThis(simdWasm), plain: besideThis(plainWasm) }), cpuBackend],
    decode: decodeInBrowser,
    store: cacheStorageStore(),
  }),
);
