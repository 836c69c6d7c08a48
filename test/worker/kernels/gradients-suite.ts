import { add, dispose, grads, memory, mul, sum, tensor, tidy, type Tensor } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { registerGradients } from "../../../worker/kernels/gradients.ts";
import { KERNELS } from "./kernel-cases.ts";
import { LAYERS, type DifferentiableCase } from "./layer-cases.ts";

/** A fixed sequence in [-1, 1] that keeps away from 0, where ReLU has no derivative. */
const numbers = (count: number, step: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(1 + i * step)).map(
    (x) => x + Math.sign(x) * (0.25 - 0.25 * Math.abs(x)),
  );

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** The values a case is tried with, by name. */
const valuesOf = ({ shapes }: DifferentiableCase): number[][] =>
  Object.values(shapes).map((shape, index) => numbers(sizeOf(shape), 0.9 + 0.37 * index));

const tensorsOf = ({ shapes }: DifferentiableCase, values: readonly number[][]): Tensor[] =>
  Object.values(shapes).map((shape, index) => tensor(values[index]!, [...shape]));

const namedOf = ({ shapes }: DifferentiableCase, tensors: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(Object.keys(shapes).map((name, index) => [name, tensors[index]!]));

/** What every element of the case's outputs counts in the one number that is differentiated. */
const pull = (output: number, size: number): number[] => numbers(size, 2.3 + 0.41 * output);

/** Σ outputs · pull by the backend, for its gradient. */
const pulled = (one: DifferentiableCase, tensors: readonly Tensor[]): Tensor =>
  one
    .run(namedOf(one, tensors))
    .map((output, index) => sum(mul(output, tensor(pull(index, output.size), output.shape))))
    .reduce((total, part) => add(total, part));

/** The same from the outputs, summed in float64. */
function pulledExactly(one: DifferentiableCase, values: readonly number[][]): number {
  const outputs = tidy(() => [...one.run(namedOf(one, tensorsOf(one, values)))]);
  const parts = outputs.map((output, index) => {
    const weights = pull(index, output.size);
    return output.dataSync<"float32">().reduce((total, y, i) => total + y * weights[i]!, 0);
  });
  dispose(outputs);
  return parts.reduce((total, part) => total + part, 0);
}

/** The derivative along `direction` of one of the inputs, by differences of the fourth order. */
function slopeAlong(one: DifferentiableCase, input: number, direction: readonly number[]): number {
  const h = 0.02; // of inputs in [-1, 1]: rounding and the fifth derivative cost about the same
  const at = (steps: number): number =>
    pulledExactly(
      one,
      valuesOf(one).map((values, index) =>
        index === input ? values.map((x, i) => x + steps * h * direction[i]!) : values,
      ),
    );
  return (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * h);
}

/** The gradients of a case as tfjs computes them with what is registered, by the name of the input. */
export function gradientsOf(one: DifferentiableCase): Map<string, Float32Array> {
  const found = tidy(() => grads((...inputs: Tensor[]) => pulled(one, inputs))(tensorsOf(one, valuesOf(one))));
  const values = found.map((gradient) => gradient.dataSync<"float32">());
  dispose(found);
  return new Map(Object.keys(one.shapes).map((name, index) => [name, values[index]!]));
}

const length = (vector: ArrayLike<number>): number => Math.hypot(...Array.from(vector));

/**
 * Gradients against differences of the layers themselves, on whatever backend is in use; `steps` are those of the waves
 * that are the directions they are compared along.
 */
export function describeGradients(
  tolerance: number,
  steps: readonly number[],
  cases: Readonly<Record<string, DifferentiableCase>> = { ...LAYERS, ...KERNELS },
): void {
  beforeAll(registerGradients);

  describe.each(Object.entries(cases))("gradient of %s", (_, one) => {
    test("is the slope along any direction of every input", () => {
      const gradients = gradientsOf(one);
      for (const [input, [name, gradient]] of [...gradients].entries()) {
        for (const step of steps) {
          const wave = numbers(gradient.length, step);
          const direction = wave.map((x) => x / length(wave));
          const slope = direction.reduce((total, x, i) => total + x * gradient[i]!, 0);
          const difference = Math.abs(slope - slopeAlong(one, input, direction)) / Math.max(length(gradient), 0.1);
          expect(difference, name).toBeLessThanOrEqual(tolerance);
        }
      }
    });
  });

  test("a gradient leaves nothing behind but itself", () => {
    const encoder = LAYERS["encoder block"]!;
    const before = memory().numTensors;
    gradientsOf(encoder);
    gradientsOf(LAYERS["residual block"]!);
    expect(memory().numTensors).toBe(before);
  });
}
