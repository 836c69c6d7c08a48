import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { rateAt, type Schedule } from "../../../worker/training/schedules.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { goldenTraining } from "./golden-training.ts";

const rates = (schedule: Schedule, count: number, total: number): number[] =>
  Array.from({ length: count }, (_, step) => rateAt(schedule, step, total));

describe("the rate", () => {
  let golden: (name: string) => GoldenTensor;
  beforeAll(async () => {
    golden = await goldenTraining("schedules");
  });

  test.each<[string, Schedule, number]>([
    ["cosine", { kind: "cosine", warmup: 8 }, 60],
    ["cosine_floor", { kind: "cosine", warmup: 8, floor: 0.1 }, 60],
    ["one_cycle", { kind: "one-cycle", rise: 0.3 }, 60],
    ["one_cycle_early", { kind: "one-cycle", rise: 0.1 }, 37],
  ])("%s is that of PyTorch's scheduler at every step", (name, schedule, total) => {
    const { values } = golden(name);
    expect(maxDifference(rates(schedule, values.length, total), values)).toBeLessThanOrEqual(1e-6);
  });

  test("inverse-square-root is the Transformer's, at every update", async () => {
    const recorded = await goldenTensors("transformer/warmup.safetensors");
    const [steps, wanted] = [recorded.get("step")!.values, recorded.get("learning_rate")!.values];
    const schedule: Schedule = { kind: "inverse-square-root", width: 512, warmup: 4000 };
    const got = Array.from(steps, (step) => rateAt(schedule, step - 1, 20_000));
    expect(maxDifference(got, wanted)).toBeLessThanOrEqual(1e-9);
  });

  const share = fc.double({ min: 0, max: 1, noNaN: true });
  const schedule = fc.oneof(
    fc.record({ kind: fc.constant("constant" as const) }),
    fc.record({ kind: fc.constant("cosine" as const), warmup: fc.nat(30), floor: share }),
    fc.record({ kind: fc.constant("one-cycle" as const), rise: share }),
    fc.record({
      kind: fc.constant("inverse-square-root" as const),
      width: fc.integer({ min: 1, max: 999 }),
      warmup: fc.integer({ min: 1, max: 30 }),
    }),
  );

  test("is between 0 and 1 at every step of every training, however short, and behind its end", () => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 1, max: 40 }), fc.nat(60), (any, total, step) => {
        const rate = rateAt(any, step, total);
        expect(rate).toBeGreaterThanOrEqual(0);
        expect(rate).toBeLessThanOrEqual(1);
      }),
    );
  });
});
