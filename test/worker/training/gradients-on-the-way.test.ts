import { memory, tensor1d, type Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { accumulateGradients } from "../../../worker/training/accumulate-gradients.ts";
import { clipGradients } from "../../../worker/training/clip-gradients.ts";
import { maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { goldenTraining, toTensor } from "./golden-training.ts";

describe.each(nodeBackends)("gradients on their way to an update, on $name", (driver) => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    await driver.start(() => undefined);
    golden = await goldenTraining("clip");
  });

  test.each([1, 100])("are clipped to a norm of %d as by PyTorch", async (largest) => {
    const gradients = new Map(["0", "1", "2"].map((name) => [name, toTensor(golden(`gradients.${name}`))]));
    const before = memory().numTensors;
    const { gradients: clipped, norm } = clipGradients(gradients, largest);
    expect(memory().numTensors - before).toBe(4); // three gradients and the norm
    expect(maxDifference(await norm.data(), golden(`norm.${largest}`).values)).toBeLessThanOrEqual(2e-6);
    for (const [name, gradient] of clipped) {
      const wanted = golden(`clipped.${largest}.${name}`).values;
      expect(maxDifference(await gradient.data(), wanted)).toBeLessThanOrEqual(1e-6);
    }
  });

  test("stay as they are where they are all 0", async () => {
    const { gradients, norm } = clipGradients(new Map([["a", tensor1d([0, 0])]]), 1);
    expect([...(await gradients.get("a")!.data()), ...(await norm.data())]).toEqual([0, 0, 0]);
  });

  test("add up to those of one large batch, each small one counting by its pictures", async () => {
    const gradient = (...values: number[]): Map<string, Tensor> => new Map([["a", tensor1d(values)]]);
    const batches = [gradient(1, 2), gradient(4, -1), gradient(10, 0)] as const;
    const before = memory().numTensors;
    const sums = accumulateGradients();
    sums.add(batches[0], 2);
    sums.add(batches[1], 6);
    const means = sums.take();
    expect([...(await means.get("a")!.data())]).toEqual([(2 * 1 + 6 * 4) / 8, (2 * 2 - 6) / 8]);
    sums.add(batches[2], 3); // anew
    expect([...(await sums.take().get("a")!.data())]).toEqual([10, 0]);
    sums.add(batches[2], 3);
    sums.dispose();
    expect(memory().numTensors - before).toBe(2); // what was taken
  });
});
