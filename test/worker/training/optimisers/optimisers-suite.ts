import { memory, tensor1d, variable, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { createAdam } from "../../../../worker/training/optimisers/adam.ts";
import { createAdamW } from "../../../../worker/training/optimisers/adamw.ts";
import type { Optimiser, Optimised } from "../../../../worker/training/optimisers/optimiser.ts";
import { createSgd } from "../../../../worker/training/optimisers/sgd.ts";
import { maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { goldenTraining, toTensor } from "../golden-training.ts";

const NAMES = ["layer.weight", "layer.bias"];
const RATE = 0.05;
const STEPS = 20;

const OPTIMISERS: Readonly<Record<string, (trained: Optimised) => Optimiser>> = {
  sgd: (trained) => createSgd(trained),
  momentum: (trained) => createSgd(trained, { momentum: 0.9 }),
  nesterov: (trained) => createSgd(trained, { momentum: 0.9, nesterov: true }),
  adam: (trained) => createAdam(trained),
  adamw: (trained) => createAdamW(trained, { betas: [0.8, 0.95], epsilon: 1e-6 }),
};

/** Optimisers against PyTorch's, on whatever backend is in use. */
export function describeOptimisers(tolerance: number): void {
  describe.each(Object.entries(OPTIMISERS))("%s", (kind, create) => {
    let golden: (name: string) => GoldenTensor;
    beforeAll(async () => {
      golden = await goldenTraining("optimisers");
    });

    const start = () => new Map(NAMES.map((name) => [name, variable(toTensor(golden(`start.${name}`)))]));
    /** Weights learn half as fast and decay; biases do not. */
    const groupOf = (name: string) => (name.endsWith("weight") ? { rate: 0.5, decay: 0.1 } : { rate: 1, decay: 0 });

    /** Gradient or parameter `name` at one step, of the golden `[20, …]`. */
    const at = (name: string, step: number): Tensor => {
      const { values, shape } = golden(name);
      const size = values.length / STEPS;
      return toTensor({ values: values.slice(step * size, (step + 1) * size), shape: shape.slice(1) });
    };
    const updateAt = (optimiser: Optimiser, step: number): void => {
      const gradients = new Map(NAMES.map((name) => [name, at(`gradients.${name}`, step)]));
      optimiser.step(gradients, RATE);
      for (const gradient of gradients.values()) gradient.dispose();
    };
    /** The largest difference from PyTorch's parameters after a step, in units of 1 or their size, if that is more. */
    const errorAt = async (parameters: ReadonlyMap<string, Variable>, step: number): Promise<number> => {
      const errors = NAMES.map(async (name) => {
        const wanted = await at(`${kind}.${name}`, step).data();
        return maxDifference(await parameters.get(name)!.data(), wanted) / Math.max(1, ...wanted.map(Math.abs));
      });
      return Math.max(...(await Promise.all(errors)));
    };

    test("is where PyTorch's is after each of 20 updates", async () => {
      const parameters = start();
      const optimiser = create({ parameters, groupOf });
      for (let step = 0; step < STEPS; step++) {
        updateAt(optimiser, step);
        expect(await errorAt(parameters, step), `update ${step}`).toBeLessThanOrEqual(tolerance);
      }
      expect(optimiser.steps).toBe(STEPS);
    });

    test("goes on from where another one stopped", async () => {
      const parameters = start();
      const [first, second] = [create({ parameters, groupOf }), create({ parameters, groupOf })];
      for (let step = 0; step < 10; step++) updateAt(first, step);
      second.restore(first.state, first.steps);
      first.dispose();
      for (let step = 10; step < STEPS; step++) updateAt(second, step);
      expect(await errorAt(parameters, STEPS - 1)).toBeLessThanOrEqual(tolerance);
    });

    test("holds its slots and nothing else, from the first update to the last", () => {
      const parameters = start();
      const before = memory().numTensors;
      const optimiser = create({ parameters, groupOf });
      const held = optimiser.state.size;
      expect(memory().numTensors - before).toBe(held);
      for (let step = 0; step < 3; step++) updateAt(optimiser, step);
      expect(memory().numTensors - before).toBe(held);
      optimiser.dispose();
      expect(memory().numTensors).toBe(before);
    });
  });

  describe("an optimiser", () => {
    const pair = () => new Map(["a", "b"].map((name) => [name, variable(tensor1d([1, 2]))]));
    const groupOf = () => ({ rate: 1, decay: 0.5 });

    test("names its slots by what they are and whose", () => {
      const optimiser = createAdam({ parameters: pair(), groupOf });
      expect([...optimiser.state.keys()]).toEqual(["first.a", "second.a", "first.b", "second.b"]);
    });

    test("leaves a parameter without a gradient as it is", async () => {
      const parameters = pair();
      createSgd({ parameters, groupOf }).step(new Map([["a", tensor1d([1, 1])]]), 0.5);
      expect([...(await parameters.get("a")!.data())]).toEqual([0.25, 1]);
      expect([...(await parameters.get("b")!.data())]).toEqual([1, 2]);
    });

    test("refuses gradients and states that are not its parameters'", () => {
      const optimiser = createSgd({ parameters: pair(), groupOf }, { momentum: 0.9 });
      expect(() => optimiser.step(new Map([["c", tensor1d([1, 1])]]), 1)).toThrow("got c");
      expect(() => optimiser.step(new Map([["a", tensor1d([1])]]), 1)).toThrow("gradient of a: expected [2], got [1]");
      expect(() => optimiser.restore(new Map([["momentum.a", tensor1d([1, 1])]]), 1)).toThrow("got momentum.b");
    });
  });
}
