import fc from "fast-check";
import { expect, test } from "vitest";
import { foldBatchNorm } from "../../../worker/kernels/batch-norm.ts";

const channel = fc.record({
  weight: fc.float({ min: -4, max: 4, noNaN: true }),
  bias: fc.float({ min: -4, max: 4, noNaN: true }),
  mean: fc.float({ min: -100, max: 100, noNaN: true }),
  variance: fc.float({ min: 0, max: 1000, noNaN: true }),
});

test("scale · x + shift is γ (x − mean) / √(variance + ε) + β in float64, for every channel on its own", () => {
  fc.assert(
    fc.property(
      fc.array(channel, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(1e-5, 1e-3),
      fc.double({ min: -100, max: 100, noNaN: true }),
      (channels, epsilon, x) => {
        const { scale, shift } = foldBatchNorm({
          weight: Float32Array.from(channels, ({ weight }) => weight),
          bias: Float32Array.from(channels, ({ bias }) => bias),
          runningMean: Float32Array.from(channels, ({ mean }) => mean),
          runningVariance: Float32Array.from(channels, ({ variance }) => variance),
          epsilon,
        });
        expect(scale).toHaveLength(channels.length);
        channels.forEach(({ weight, bias, mean, variance }, index) => {
          const wanted = (weight * (x - mean)) / Math.sqrt(variance + epsilon) + bias;
          const size = Math.abs(scale[index]!) * (Math.abs(x) + Math.abs(mean)) + Math.abs(bias); // before it cancels
          expect(Math.abs(scale[index]! * x + shift[index]! - wanted)).toBeLessThanOrEqual(1e-14 * size);
        });
      },
    ),
  );
});

test("a new one, with mean 0 and variance 1, changes nothing but for ε", () => {
  const [zero, one] = [new Float32Array(2), new Float32Array(2).fill(1)];
  const norm = { weight: one, bias: zero, runningMean: zero, runningVariance: one, epsilon: 1e-5 };
  expect([...foldBatchNorm(norm).scale]).toEqual([1 / Math.sqrt(1.00001), 1 / Math.sqrt(1.00001)]);
  expect([...foldBatchNorm(norm).shift].map(Math.abs)).toEqual([0, 0]);
});
