import { cast, gather, memory, slice, tensor, transpose, unstack, type Tensor } from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { nodeBackends } from "../../../src/node/backends.ts";
import { registerGradients } from "../../../worker/kernels/gradients.ts";

beforeAll(async () => {
  await nodeBackends[0]!.start(() => undefined);
  registerGradients();
});

type Case = { readonly shape: number[]; readonly dtype: "float32" | "int32" | "bool" };

const cases = fc.record<Case>({
  shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
  dtype: fc.constantFrom("float32", "int32", "bool"),
});

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, length) => product * length, 1);

/** Elements that tell their place, as far as the type can. */
const placed = ({ shape, dtype }: Case): Tensor =>
  tensor(
    Array.from({ length: sizeOf(shape) }, (_, at) =>
      dtype === "bool" ? at % 3 === 0 : dtype === "int32" ? at - 7 : at + 0.25,
    ) as number[],
    shape,
    dtype,
  );

/** The place of an element, axis by axis, and back. */
const placeOf = (index: number, shape: readonly number[]): number[] =>
  shape.map((length, axis) => Math.floor(index / sizeOf(shape.slice(axis + 1))) % length);
const indexOf = (place: readonly number[], shape: readonly number[]): number =>
  place.reduce((index, at, axis) => index * shape[axis]! + at, 0);

/** The elements of `x` at the places that `from` tells for each place of `shape`. */
function expectMoved(x: Tensor, got: Tensor, shape: readonly number[], from: (place: number[]) => number[]): void {
  const all = x.dataSync();
  expect(got.shape).toEqual(shape);
  expect(got.dtype).toBe(x.dtype);
  const wanted = Array.from(
    { length: sizeOf(shape) },
    (_, index) => all[indexOf(from(placeOf(index, shape)), x.shape)],
  );
  expect([...got.dataSync()]).toEqual(wanted);
}

/** A case, and whole numbers to choose by. */
const drawn = (property: (x: Tensor, numbers: readonly number[]) => Tensor[]): void => {
  fc.assert(
    fc.property(cases, fc.array(fc.nat(1000), { minLength: 12, maxLength: 12 }), (one, numbers) => {
      const before = memory().numTensors;
      const x = placed(one);
      for (const made of property(x, numbers)) made.dispose();
      x.dispose();
      expect(memory().numTensors).toBe(before);
    }),
    { numRuns: 60 },
  );
};

test("a slice", () => {
  drawn((x, numbers) => {
    const begin = x.shape.map((length, axis) => numbers[axis]! % length);
    const size = x.shape.map((length, axis) => 1 + (numbers[axis + 5]! % (length - begin[axis]!)));
    const part = slice(x, begin, size);
    expectMoved(x, part, size, (place) => place.map((at, axis) => at + begin[axis]!));
    return [part];
  });
});

test("parts along an axis", () => {
  drawn((x, numbers) => {
    const axis = numbers[0]! % x.rank;
    const shape = x.shape.filter((_, other) => other !== axis);
    const parts = unstack(x, axis);
    for (const [index, part] of parts.entries())
      expectMoved(x, part, shape, (place) => place.toSpliced(axis, 0, index));
    return parts;
  });
});

test("rows chosen along an axis", () => {
  drawn((x, numbers) => {
    const axis = numbers[0]! % x.rank;
    const rows = numbers.slice(1, 5).map((number) => number % x.shape[axis]!);
    const indices = tensor(rows, [2, 2], "int32");
    const chosen = gather(x, indices, axis);
    const shape = x.shape.toSpliced(axis, 1, 2, 2);
    expectMoved(x, chosen, shape, (place) => place.toSpliced(axis, 2, rows[2 * place[axis]! + place[axis + 1]!]!));
    return [indices, chosen];
  });
});

test("axes in another order", () => {
  drawn((x, numbers) => {
    const order = x.shape.map((_, axis) => axis).sort((a, b) => numbers[a]! - numbers[b]!);
    const turned = transpose(x, order);
    const shape = order.map((axis) => x.shape[axis]!);
    expectMoved(x, turned, shape, (place) => x.shape.map((_, axis) => place[order.indexOf(axis)]!));
    return [turned];
  });
});

test("a scalar and an empty tensor", () => {
  const empty = tensor([], [0, 3], "int32");
  expect(transpose(empty).shape).toEqual([3, 0]);
  expect(transpose(cast(tensor(4), "int32")).dataSync()[0]).toBe(4);
});
