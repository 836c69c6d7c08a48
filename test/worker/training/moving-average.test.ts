import { memory, tensor1d, variable, type Variable } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { followAverage } from "../../../worker/training/moving-average.ts";
import { maxDifference } from "../../setup/golden.ts";

const DECAY = 0.5; // reached by (1 + t) / (10 + t) at t = 8

describe.each(nodeBackends)("a moving average on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  const start = (): Map<string, Variable> => new Map([["a", variable(tensor1d([1, -2]))]]);
  const valueAt = (t: number): number[] => [Math.sin(t), 3 * t];
  const move = (parameters: Map<string, Variable>, t: number): void => {
    const value = tensor1d(valueAt(t));
    parameters.get("a")!.assign(value);
    value.dispose();
  };

  /** By the formula, in float64. */
  function averageAfter(updates: number): number[] {
    let average = [1, -2];
    for (let t = 0; t < updates; t++) {
      const kept = Math.min(DECAY, (1 + t) / (10 + t));
      average = average.map((x, i) => kept * x + (1 - kept) * valueAt(t)[i]!);
    }
    return average;
  }

  test("forgets its start quickly and slows down to its decay", async () => {
    const parameters = start();
    const before = memory().numTensors;
    const average = followAverage(parameters, DECAY);
    for (let t = 0; t < 14; t++) {
      move(parameters, t);
      average.update();
      const error = maxDifference(await average.values.get("a")!.data(), averageAfter(t + 1));
      expect(error, `update ${t}`).toBeLessThanOrEqual(5e-6);
    }
    expect(memory().numTensors - before).toBe(1);
    average.dispose();
    expect(memory().numTensors).toBe(before);
  });

  test("changes places with the parameters, and back", async () => {
    const parameters = start();
    const average = followAverage(parameters, DECAY);
    move(parameters, 1);
    const before = memory().numTensors;
    average.swap();
    expect([...(await parameters.get("a")!.data())]).toEqual([1, -2]);
    expect(maxDifference(await average.values.get("a")!.data(), valueAt(1))).toBeLessThanOrEqual(1e-6);
    average.swap();
    expect(maxDifference(await parameters.get("a")!.data(), valueAt(1))).toBeLessThanOrEqual(1e-6);
    expect([...(await average.values.get("a")!.data())]).toEqual([1, -2]);
    expect(memory().numTensors).toBe(before);
  });

  test("goes on from where another one stopped", async () => {
    const parameters = start();
    const [first, second] = [followAverage(parameters, DECAY), followAverage(parameters, DECAY)];
    for (let t = 0; t < 4; t++) {
      move(parameters, t);
      first.update();
    }
    second.restore(first.values, 4);
    first.dispose();
    move(parameters, 4);
    second.update();
    expect(maxDifference(await second.values.get("a")!.data(), averageAfter(5))).toBeLessThanOrEqual(5e-6);
    expect(() => second.restore(new Map(), 4)).toThrow("wanted a");
  });
});
