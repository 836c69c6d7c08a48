import {
  add,
  cast,
  clone,
  concat,
  conv2d,
  div,
  exp,
  log,
  logSoftmax,
  matMul,
  mean,
  mul,
  neg,
  pad,
  relu,
  slice,
  sqrt,
  square,
  sub,
  sum,
  tensor,
  tile,
  transpose,
  where,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { DifferentiableCase } from "./layer-cases.ts";

const product = (a: number[], b: number[], transposeA: boolean, transposeB: boolean): DifferentiableCase => ({
  shapes: { a, b },
  run: (all) => [matMul(all.a!, all.b!, transposeA, transposeB)],
});

/** What no layer shows, or not from every side. Inputs are in [-1, 1] and never within 0.08 of 0. */
export const KERNELS: Readonly<Record<string, DifferentiableCase>> = {
  "sums and differences that broadcast": {
    shapes: { a: [2, 1, 3], b: [4, 1], c: [] },
    run: ({ a, b, c }) => [sub(add(a!, b!), c!), sub(b!, a!)],
  },
  "products and quotients that broadcast": {
    shapes: { a: [2, 1, 3], b: [4, 1] },
    run: ({ a, b }) => [div(a!, add(b!, 2)), div(b!, add(square(a!), 1)), mul(a!, b!)],
  },
  "roots, powers and logarithms": {
    shapes: { x: [5, 3] },
    run: ({ x }) => [exp(x!), log(add(x!, 2)), sqrt(add(x!, 2)), neg(x!)],
  },
  relu: { shapes: { x: [5, 3] }, run: ({ x }) => [relu(x!)] },
  "matrix product": product([2, 3], [3, 4], false, false),
  "matrix product, left transposed": product([2, 3, 2], [2, 3, 4], true, false),
  "matrix product, right transposed": product([2, 2, 3], [2, 4, 3], false, true),
  "matrix product, both transposed": product([3, 2], [4, 3], true, true),
  "matrix product with one matrix for the whole batch": product([2, 2, 3], [1, 3, 4], false, false),
  "log softmax": { shapes: { x: [3, 5] }, run: ({ x }) => [logSoftmax(x!)] },
  "sums and means over axes": {
    shapes: { x: [2, 3, 4] },
    run: ({ x }) => [sum(x!), mean(x!), sum(x!, [0, 2]), mean(x!, 1, true), mean(x!, [-1, 0])],
  },
  "rearranged elements": {
    shapes: { a: [2, 3, 4], b: [2, 1, 4] },
    run({ a, b }) {
      const joined = concat([a!, b!, a!], 1); // [2, 7, 4]
      return [slice(joined, [0, 2, 1], [2, 3, -1]), transpose(joined, [2, 0, 1]), clone(a!), cast(b!, "float32")];
    },
  },
  "repeated and padded elements": {
    shapes: { row: [3], token: [1, 1, 4], map: [1, 2, 2, 1] },
    run: ({ row, token, map }) => [
      tile(row!, [3]),
      tile(token!, [2, 3, 1]),
      pad(map as Tensor4D, [
        [0, 0],
        [1, 0],
        [2, 1],
        [0, 0],
      ]),
    ],
  },
  "a choice": {
    shapes: { a: [2, 3], b: [2, 3] },
    run({ a, b }) {
      const first = tensor([1, 0, 0, 1, 1, 0], [2, 3], "bool");
      return [where(first, mul(a!, 2), b!)];
    },
  },
  "a convolution that is not fused": {
    shapes: { map: [2, 5, 4, 3], kernel: [3, 3, 3, 2] },
    run: ({ map, kernel }) => [conv2d(map as Tensor4D, kernel as Tensor4D, 2, 1)],
  },
  "a convolution with more zeros around it than its filter is wide": {
    shapes: { map: [2, 3, 4, 2], kernel: [2, 2, 2, 3] },
    run: ({ map, kernel }) => [conv2d(map as Tensor4D, kernel as Tensor4D, 1, 2)],
  },
};
