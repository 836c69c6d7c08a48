import { expect, test } from "vitest";
import { gridOf } from "../../../../worker/runtime/captioner/grid-of.ts";

const counted = (...shape: number[]) => ({
  shape,
  values: Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, at) => at),
});

test("patches of a ViT are what stands behind its prefix tokens", () => {
  const layout = { grid: { width: 2, height: 1 }, pooling: 1, dropped: 1 };
  const { shape, values } = gridOf(counted(2, 3, 2), layout);
  expect(shape).toEqual([2, 2, 2]);
  expect([...values]).toEqual([2, 3, 4, 5, 8, 9, 10, 11]);
});

test("positions of a map go row by row, each with its channels", () => {
  const layout = { grid: { width: 3, height: 2 }, pooling: 1, dropped: 0 };
  const { shape, values } = gridOf(counted(1, 2, 2, 3), layout);
  expect(shape).toEqual([1, 6, 2]);
  expect([...values]).toEqual([0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11]);
});

test("places are averaged over squares, of a map and of tokens alike, in an oblong grid too", () => {
  const layout = { grid: { width: 3, height: 2 }, pooling: 2, dropped: 0 };
  const map = gridOf(counted(2, 1, 4, 6), layout); // rows of six: 0 … 5, 6 … 11 and so on
  expect(map.shape).toEqual([2, 6, 1]);
  expect([...map.values]).toEqual([3.5, 5.5, 7.5, 15.5, 17.5, 19.5, 27.5, 29.5, 31.5, 39.5, 41.5, 43.5]);
  const { shape, values } = counted(2, 25, 1); // a class token before them
  const tokens = gridOf({ shape, values: values.map((value) => (value % 25) - 1) }, { ...layout, dropped: 1 });
  expect(tokens.shape).toEqual([2, 6, 1]);
  expect([...tokens.values]).toEqual([3.5, 5.5, 7.5, 15.5, 17.5, 19.5, 3.5, 5.5, 7.5, 15.5, 17.5, 19.5]);
});
