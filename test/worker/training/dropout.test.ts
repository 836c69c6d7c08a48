import { grad, memory, ones, tensor, type Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { dropout, dropPath } from "../../../worker/training/dropout.ts";

describe.each(nodeBackends)("dropout on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
    registerGradients();
  });
  const RATE = 0.25;
  const many = (): Tensor => ones([200, 10, 10]);

  test("drops its share of the elements and keeps the mean", async () => {
    const values = await dropout(many(), RATE, createRandom(1)).data<"float32">();
    expect(new Set(values)).toEqual(new Set([0, Math.fround(1 / (1 - RATE))]));
    const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
    expect(Math.abs(mean - 1)).toBeLessThan(0.02); // its deviation is √(1/3 / 20,000) = 0.004
  });

  test("of paths drops whole samples and keeps the mean", async () => {
    const values = await dropPath(many(), RATE, createRandom(1)).data();
    const samples = Array.from({ length: 200 }, (_, index) => new Set(values.slice(index * 100, (index + 1) * 100)));
    expect(samples.every((sample) => sample.size === 1)).toBe(true);
    const kept = samples.filter((sample) => !sample.has(0)).length;
    expect(Math.abs(kept / 200 - 0.75)).toBeLessThan(0.12); // its deviation is √(0.25 · 0.75 / 200) = 0.03
  });

  test.each([["elements", dropout] as const, ["paths", dropPath] as const])(
    "of %s depends on the stream alone",
    async (_, drop) => {
      const draw = async (seed: number): Promise<number[]> => [
        ...(await drop(many(), RATE, createRandom(seed)).data()),
      ];
      expect(await draw(7)).toEqual(await draw(7));
      expect(await draw(7)).not.toEqual(await draw(8));
    },
  );

  test("lets the gradient through where it let the element through", async () => {
    const x = tensor([3, -1, 2, 5, 4, 6, 8, 7]);
    const dropped = await dropout(ones([8]), RATE, createRandom(3)).data();
    const slopes = grad((input: Tensor) => dropout(input, RATE, createRandom(3)))(x);
    expect([...(await slopes.data())]).toEqual([...dropped]);
  });

  test("at a rate of 0 is the identity and draws nothing", async () => {
    const refuse = () => expect.fail("drew a number");
    const x = tensor([1, 2]);
    const before = memory().numTensors;
    const answers = [dropout(x, 0, refuse), dropPath(x, 0, refuse)];
    expect(memory().numTensors - before).toBe(2);
    for (const answer of answers) expect([...(await answer.data())]).toEqual([1, 2]);
  });

  test("refuses to drop everything", () => {
    expect(() => dropout(ones([2]), 1, createRandom(1))).toThrow("wanted 0 or more and less than 1, got 1");
  });
});
