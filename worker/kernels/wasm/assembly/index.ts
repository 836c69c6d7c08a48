/** What the module exports: the steps of a run, and the kernels that TypeScript calls by themselves. */
export { convolve } from "./convolve";
export { openGate, passGates } from "./gates";
export { meanRow, normRows } from "./layer-norm";
export { lookUp } from "./look-up";
export { packRows } from "./pack";
export { product } from "./product";
export { softmaxRows } from "./softmax";
export {
  attend,
  contract,
  embed,
  expand,
  normAfter,
  normBefore,
  packHeads,
  projectKeysValues,
  projectOutput,
  projectQueries,
} from "./steps";
export { productBySums, sumQuarters } from "./strassen";
export { takenInARow, takeTask } from "./tasks";
export { errorFunctionOf, exponentialOf } from "./values";
export { convolveTiles } from "./winograd";
