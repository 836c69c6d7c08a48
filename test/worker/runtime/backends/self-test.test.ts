import { registerKernel, unregisterKernel, getKernel, type KernelConfig } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { selfTest } from "../../../../worker/runtime/backends/self-test.ts";

test.each(nodeBackends)("$name answers within rounding", async (driver) => {
  await driver.start(() => undefined);
  expect(await selfTest()).toBeLessThan(1e-5);
});

describe("a backend that computes wrong numbers", () => {
  test.each([
    ["zeros", () => 0],
    ["NaN", () => NaN],
    ["half precision", (x: number) => Math.round(x * 1024) / 1024],
  ])("%s", async (_, damage) => {
    await cpuBackend.start(() => undefined);
    const original = getKernel("_FusedMatMul", "cpu");
    const damaged: KernelConfig = {
      ...original,
      kernelFunc(call) {
        const result = original.kernelFunc(call) as { dataId: object };
        const backend = call.backend as { data: { get(id: object): { values: Float32Array } } };
        const data = backend.data.get(result.dataId);
        data.values = data.values.map(damage);
        return result as never;
      },
    };
    unregisterKernel("_FusedMatMul", "cpu");
    registerKernel(damaged);
    await expect(selfTest()).rejects.toThrow("wrong numbers");
    unregisterKernel("_FusedMatMul", "cpu");
    registerKernel(original);
  });
});
