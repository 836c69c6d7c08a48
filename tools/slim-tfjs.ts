import type { Plugin } from "vite";

const KERNEL_LIST = /\/tfjs-backend-(?:cpu|webgl|wasm)\/dist\/register_all_kernels\.js$/;
const THREADED_WASM = /\/wasm-out\/tfjs-backend-wasm-threaded-simd(?:\.worker)?\.js$/;

/** Kernels no layer of ours runs, forward or back. `build` fails where an operation in the bundle would run one. */
const FOREIGN_KERNELS = [
  // object detection, pictures, 3-D, strings, ragged and sparse tensors, Fourier, morphology
  "nonMaxSuppressionV\\d",
  "cropAndResize",
  "rotateWithOffset",
  "flipLeftRight",
  "resize\\w+",
  "fromPixels",
  "transform",
  "\\w+3D\\w*",
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
  // convolutions by depth, pooling, batch normalisation: ours is folded, or written out where it trains
  "\\w*depthwise\\w+",
  "(?:avg|max)Pool\\w*",
  "(?:fused)?batchNorm",
  "\\w*(?:batchToSpace|spaceToBatch)ND",
  "depthToSpace",
  "mirrorPad",
  // functions of one number or two
  "a(?:cos|sin|tan)h?",
  "atan2",
  "(?:cos|sin|tan)h?(?<!tanh)",
  "expm1",
  "log1p",
  "mod",
  "round",
  "ceil",
  "is(?:Finite|Inf|NaN)",
  "(?:complex)?abs",
  "sign",
  "floor",
  "pow",
  "clipByValue",
  "squaredDifference",
  "(?:greater|less)equal",
  "greater",
  "notEqual",
  "logical(?:And|Or|Xor)",
  "softplus",
  "selu",
  "eluGrad",
  // shapes, sets and sums
  "broadcastArgs",
  "argMin",
  "cum(?:prod|sum)",
  "prod",
  "diag",
  "einsum",
  "stridedSlice",
  "onesLike",
  "range",
  "(?:gather|scatter)Nd",
  "linSpace",
  "multinomial",
  "topK",
  "any",
  "all",
  "unsortedSegmentSum",
];

const FOREIGN = `(?:${FOREIGN_KERNELS.join("|")})`;
const FOREIGN_ENTRY = new RegExp(`^ +${FOREIGN}Config,?$`, "gim");
const FOREIGN_KERNEL = new RegExp(`^${FOREIGN}$`, "i");
/** What a file does as it loads, and what it does in a worker of ours. */
const EDITS: readonly (readonly [file: RegExp, slim: (code: string) => string])[] = [
  [KERNEL_LIST, (code) => code.replace(FOREIGN_ENTRY, "")],
  [/\/tfjs-core\/dist\/index\.js$/, (code) => code.replace("registerOptimizers();", "")],
  [
    /\/tfjs-core\/dist\/platforms\/platform_browser\.js$/, // gets ready to save models in the page's storage
    (code) => code.replace(/try \{\s*ModelStoreManagerRegistry[^}]*\}\s*catch \(err\) \{\s*\}/g, ""),
  ],
  [
    /\/tfjs-core\/dist\/(?:backends\/einsum_util|ops\/ragged_to_dense_util)\.js$/, // what kernels left out are planned with
    (code) => [...code.matchAll(EXPORTED)].map(([, name]) => `export let ${name};`).join("\n"),
  ],
  [
    /\/tfjs-core\/dist\/ops\/slice_util\.js$/, // how a strided slice is planned
    (code) =>
      code.replace(
        /^export function (?!(?:assertParamsValid|isSliceContinous|computeFlatOffset|parseSliceParams)\b)(\w+)[^]*?^\}/gm,
        "export let $1;",
      ),
  ],
  [
    /\/tfjs-core\/dist\/tensor\.js$/, // how a tensor is printed
    (code) => code.replace(/import \{ tensorToString \}.*/, "const tensorToString = String;"),
  ],
  [
    /\/tfjs-backend-webgl\/dist\/kernel_utils\/shared\.js$/, // the CPU's arithmetic, as one object: no part can be left out
    (code) =>
      code.replace(
        /import \* as shared from (.*);\s*const \{([^}]*)\} = shared;\s*export \{[^}]*\};/,
        (_, from: string, names: string) => `export {${names.replaceAll(":", " as")}} from ${from};`,
      ),
  ],
];
const EXPORTED = /^export (?:function|var) (\w+)/gm;
const SAVING = /\/tfjs-core\/dist\/io\/\w+\.js$/;

const OPERATION = /\/tfjs-core\/dist\/ops\//;
const KERNEL_RUN = /runKernel\(\s*(\w+)/g;

/**
 * Vite plugin that leaves out of a built worker what it never runs of tfjs: kernels of other trades, optimisers, ways to
 * save and to print, and the threaded WebAssembly build. tfjs registers them as a side effect, so no bundler can see that
 * they are unused.
 */
export function slimTfjs(): Plugin {
  return {
    name: "slim-tfjs",
    apply: "build",
    load: {
      filter: { id: THREADED_WASM },
      handler: () => `
        export const wasmWorkerContents = "";
        export default () => { throw new Error("tfjs-wasm with threads is not in this build"); };`,
    },
    transform: {
      filter: { id: [SAVING, ...EDITS.map(([file]) => file)] },
      handler(code, id) {
        if (SAVING.test(id)) return { moduleSideEffects: false };
        const slim = EDITS.find(([file]) => file.test(id))![1](code);
        if (slim === code) this.error(`${id}: wanted something to leave out, found none`);
        return { code: slim, map: null };
      },
    },
    generateBundle(_, files) {
      for (const file of Object.values(files)) {
        if (file.type !== "chunk") continue;
        for (const [id, { code }] of Object.entries(file.modules)) {
          const missed = OPERATION.test(id) ? foreignKernel(code ?? "") : undefined;
          if (missed) this.error(`${id} runs the kernel ${missed}, which slim-tfjs leaves out: take it off that list`);
        }
      }
    },
  };
}

const foreignKernel = (code: string): string | undefined =>
  [...code.matchAll(KERNEL_RUN)].map(([, kernel]) => kernel!).find((kernel) => FOREIGN_KERNEL.test(kernel));
