/** The lab's worker: WebAssembly, or plain JavaScript where that fails, under the lab's protocol. */
import plainWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url";
import simdWasm from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url";
import { expose } from "comlink";
import { carryErrorsWhole } from "./contract/error-codec.ts";
import { cpuBackend } from "./runtime/backends/cpu.ts";
import { wasmBackend } from "./runtime/backends/wasm.ts";
import { serveLab } from "./runtime/lab/serve-lab.ts";

const besideThis = (path: string): string => new URL(path, self.location.href).href;

const wasm = wasmBackend({ simd: besideThis(simdWasm), plain: besideThis(plainWasm) }, null);

// An unhandled rejection never reaches the page; an error does, and the page then starts another worker.
self.addEventListener("unhandledrejection", (event) => self.reportError(event.reason));

carryErrorsWhole();
expose(
  serveLab([wasm, cpuBackend], async (models) => {
    const { openPictureLab } = await import("./lab-pictures.ts");
    return openPictureLab(models);
  }),
);
