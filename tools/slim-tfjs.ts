import type { Plugin } from "vite";

const KERNEL_LIST = /\/tfjs-backend-(?:cpu|webgl|wasm)\/dist\/register_all_kernels\.js$/;
const THREADED_WASM = /\/wasm-out\/tfjs-backend-wasm-threaded-simd\.js$/;

/** Kernels no layer of ours can need: object detection, 3-D, strings, ragged and sparse tensors, Fourier, morphology. */
const FOREIGN_KERNELS = [
  "nonMaxSuppressionV\\d",
  "cropAndResize",
  "rotateWithOffset",
  "transform",
  "\\w+3D\\w*",
  "maxPoolWithArgmax",
  "string\\w+",
  "staticRegexReplace",
  "ragged\\w+",
  "sparse\\w+",
  "unique",
  "searchSorted",
  "tensorScatterUpdate",
  "\\w*bincount",
  "i?fft",
  "dilation2D\\w*",
  "lrn\\w*",
  "bitwiseAnd",
  "draw",
];

const FOREIGN_ENTRY = new RegExp(`^ +(?:${FOREIGN_KERNELS.join("|")})Config,?$`, "gim");

/**
 * Vite plugin that leaves out of a built worker what it never runs of tfjs: kernels of other trades, and the threaded
 * WebAssembly build. tfjs registers kernels as a side effect, so no bundler can see that they are unused.
 */
export function slimTfjs(): Plugin {
  return {
    name: "slim-tfjs",
    apply: "build",
    load: {
      filter: { id: THREADED_WASM },
      handler: () => `export default () => { throw new Error("tfjs-wasm with threads is not in this build"); };`,
    },
    transform: {
      filter: { id: KERNEL_LIST },
      handler(code, id) {
        const slim = code.replace(FOREIGN_ENTRY, "");
        if (slim === code) this.error(`${id}: wanted a list of kernels, one a line, found none to leave out`);
        return { code: slim, map: null };
      },
    },
  };
}
