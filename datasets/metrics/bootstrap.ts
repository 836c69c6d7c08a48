import { drawBelow } from "../../worker/contract/draw.ts";
import { createRandom } from "../../worker/contract/random.ts";

export const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

export type BootstrapOptions = {
  readonly resamples?: number; // default 1,000
  readonly coverage?: number; // default 0.95
  readonly seed?: number;
};

/**
 * Where the mean of `values` would lie on other draws of as many pictures: the percentile interval of Efron, "Bootstrap
 * methods: another look at the jackknife", Annals of Statistics 7, 1979. Its ends are the kth lowest and the kth
 * highest mean of the resamples, k = ⌊(resamples + 1)(1 − coverage) / 2⌋ (Efron and Tibshirani 1993, 12.5).
 * The same seed gives the same interval.
 */
export function bootstrapInterval(
  values: readonly number[],
  { resamples = 1000, coverage = 0.95, seed = 1 }: BootstrapOptions = {},
): [low: number, high: number] {
  const random = createRandom(seed);
  const from = Float64Array.from(values);
  const means = new Float64Array(resamples);
  for (let draw = 0; draw < resamples; draw++) {
    let sum = 0;
    for (let at = 0; at < from.length; at++) sum += from[drawBelow(from.length, random)]!;
    means[draw] = sum / from.length;
  }
  means.sort();
  const k = Math.max(1, Math.floor(((resamples + 1) * (1 - coverage)) / 2 + 1e-9)); // 1 − 0.9 is a little below 0.1
  return [means[k - 1]!, means[resamples - k]!];
}
