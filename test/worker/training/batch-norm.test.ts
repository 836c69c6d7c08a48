import {
  grads,
  memory,
  mul,
  ones,
  sum,
  variable,
  type Tensor,
  type Tensor1D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { followStatistic, normaliseBatch } from "../../../worker/training/batch-norm.ts";
import { maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { goldenTraining, toTensor } from "./golden-training.ts";

const EPSILON = 1e-3;

describe.each(nodeBackends)("batch normalisation in training on $name", (driver) => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    await driver.start(() => undefined);
    registerGradients();
    golden = await goldenTraining("batch_norm");
  });
  const inputs = () =>
    ["map", "weight", "bias"].map((name) => toTensor(golden(name))) as [Tensor4D, Tensor1D, Tensor1D];
  const errorOf = async (got: Tensor, name: string): Promise<number> =>
    maxDifference(await got.data(), golden(name).values);

  test("answers as PyTorch's and moves the running statistics as it does", async () => {
    const [map, scale, shift] = inputs();
    const running = ["running_mean", "running_var"].map((name) => variable(toTensor(golden(name))));
    const before = memory().numTensors;
    const { output, mean, variance } = normaliseBatch({ scale, shift, epsilon: EPSILON }, map);
    followStatistic(running[0]!, mean);
    followStatistic(running[1]!, variance);
    expect(memory().numTensors - before).toBe(3);
    expect(await errorOf(output, "answer")).toBeLessThanOrEqual(2e-6);
    expect(await errorOf(running[0]!, "running_mean.after")).toBeLessThanOrEqual(1e-6);
    expect(await errorOf(running[1]!, "running_var.after")).toBeLessThanOrEqual(1e-6);
  });

  test("has PyTorch's gradient, through the statistics of the batch", async () => {
    const pull = toTensor(golden("pull"));
    const slopes = grads((map: Tensor, scale: Tensor, shift: Tensor) => {
      const layer = { scale: scale as Tensor1D, shift: shift as Tensor1D, epsilon: EPSILON };
      return sum(mul(normaliseBatch(layer, map as Tensor4D).output, pull));
    })(inputs());
    for (const [index, name] of ["map.gradient", "weight.gradient", "bias.gradient"].entries()) {
      expect(await errorOf(slopes[index]!, name), name).toBeLessThanOrEqual(1e-5);
    }
  });

  test("refuses a batch that has one value a channel", () => {
    const [, scale, shift] = inputs();
    const single: Tensor4D = ones([1, 1, 1, 2]);
    expect(() => normaliseBatch({ scale, shift, epsilon: EPSILON }, single)).toThrow("got [1, 1, 1, 2]");
  });
});
