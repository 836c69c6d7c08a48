/** What the module exports: the steps of a run, and the kernels that TypeScript calls by themselves. */
export { convolve } from "./convolve";
export { meanRow, normRows } from "./layer-norm";
export { packColumns, packRows } from "./pack";
export { product } from "./product";
export { softmaxRows } from "./softmax";
export { attendOverMap, embed, encode } from "./steps";
export { errorFunctionOf, exponentialOf } from "./values";
