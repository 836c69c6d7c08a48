import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { KERNELS, startThread } from "../../../../src/node/encoder-thread.ts";
import type { WasmKernels } from "../../../../worker/kernels/wasm/kernels.ts";

setFlagsFromString("--experimental-wasm-relaxed-simd"); // Node 20 has it, behind this; later ones have it anyway

type Build = WasmKernels & { readonly name: string };

/** The builds of the kernels that this machine takes, those for threads on three. */
const BUILDS: readonly Build[] = ["encoder", "encoder-relaxed", "encoder-threads", "encoder-relaxed-threads"]
  .map((name) => ({ name, bytes: readFileSync(new URL(`${name}.wasm`, KERNELS)) }))
  .filter(({ bytes }) => WebAssembly.validate(bytes))
  .map(({ name, bytes }) => ({
    name,
    module: new WebAssembly.Module(bytes),
    threaded: name.endsWith("-threads") ? { threads: 3, start: startThread } : null,
  }));

export const ONE_THREAD = BUILDS.filter(({ threaded }) => !threaded);
export const THREADED = BUILDS.filter(({ threaded }) => threaded);
