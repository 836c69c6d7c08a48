import { rateAt } from "../training/schedules.ts";

/** Learning rates of `updates` updates by Vaswani et al. 2017: a rise for `warmup` of them, then 1/√update. */
export const warmUpCurve = (width: number, warmup: number, updates: number): number[] =>
  Array.from({ length: updates }, (_, step) => rateAt({ kind: "inverse-square-root", width, warmup }, step, updates));
