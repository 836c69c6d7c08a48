import {
  add,
  mul,
  rsqrt,
  sub,
  tensor1d,
  tidy,
  variable,
  type Tensor1D,
  type Tensor4D,
  type Variable,
} from "@tensorflow/tfjs-core";
import { isStatistic } from "../../models/attention-cnn/parameters.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { followStatistic, normaliseBatch, type BatchNormParameters } from "../batch-norm.ts";

/** Running means and variances of a CNN's batch normalisations, by their names in a checkpoint; the caller frees them. */
export const placeStatistics = (names: Iterable<string>, read: ParameterReader): Map<string, Variable> =>
  new Map([...names].filter(isStatistic).map((name) => [name, tidy(() => variable(tensor1d(read(name)), false))]));

/** map `[B, H, W, C]`, normalised by its own statistics, which the running ones of `name` follow. */
export function normaliseAndFollow(
  statistics: ReadonlyMap<string, Variable>,
  name: string,
  parameters: BatchNormParameters,
  map: Tensor4D,
): Tensor4D {
  const { output, mean, variance } = normaliseBatch(parameters, map);
  followStatistic(statistics.get(`${name}.running_mean`)!, mean);
  followStatistic(statistics.get(`${name}.running_var`)!, variance);
  return output;
}

/** map `[B, H, W, C]`, normalised by the running statistics of `name`. */
export function normaliseByRunning(
  statistics: ReadonlyMap<string, Variable>,
  name: string,
  { scale, shift, epsilon }: BatchNormParameters,
  map: Tensor4D,
): Tensor4D {
  const mean = statistics.get(`${name}.running_mean`) as Tensor1D | undefined;
  const variance = statistics.get(`${name}.running_var`) as Tensor1D | undefined;
  return tidy(() => add<Tensor4D>(mul(sub(map, mean!), mul(rsqrt(add(variance!, epsilon)), scale)), shift));
}
