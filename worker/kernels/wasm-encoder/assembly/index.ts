/** What the module exports: the steps of a run, and the kernels that TypeScript calls by themselves. */
export { meanRow, normRows } from "./layer-norm";
export { packRows } from "./pack";
export { product } from "./product";
export { softmaxRows } from "./softmax";
export { embed, encode } from "./steps";
export { errorFunctionOf, exponentialOf } from "./values";
