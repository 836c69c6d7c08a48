import { beforeAll, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { sinusoidalPositions } from "../../../worker/layers/sinusoidal-positions.ts";
import { goldenTensors, maxDifference } from "../../setup/golden.ts";
import { describeSequenceLayers } from "./sequence-layers-suite.ts";

describe.each(nodeBackends)("layers of decoders on $name", (driver) => {
  beforeAll(async () => {
    await driver.start(() => undefined);
  });
  describeSequenceLayers(1e-6);
});

test("sinusoidal positions are the paper's", async () => {
  const { shape, values } = (await goldenTensors("transformer/sinusoidal.safetensors")).get("positions")!;
  expect(maxDifference(sinusoidalPositions(shape[0]!, shape[1]!), values)).toBeLessThanOrEqual(1e-6);
});

test("an odd width ends with a sine", () => {
  const [first, second] = [sinusoidalPositions(2, 3).subarray(0, 3), sinusoidalPositions(2, 3).subarray(3)];
  expect([...first]).toEqual([0, 1, 0]);
  expect(maxDifference(second, [Math.sin(1), Math.cos(1), Math.sin(10000 ** (-2 / 3))])).toBeLessThanOrEqual(1e-7);
});
