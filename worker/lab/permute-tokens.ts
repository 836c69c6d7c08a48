import {
  add,
  expandDims,
  gather,
  reshape,
  tensor1d,
  tensor2d,
  tidy,
  type Tensor2D,
  type Tensor3D,
} from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import type { Matrix, PermutationQuestion, Permuted } from "../contract/lab.ts";
import { createRandom, type Random } from "../contract/random.ts";
import type { Linear } from "../layers/linear.ts";
import { selfAttend, type MultiHeadAttention } from "../layers/multi-head-attention.ts";
import { sinusoidalPositions } from "../layers/sinusoidal-positions.ts";
import { drawNormals } from "../training/draw-weights.ts";
import { placeMatrix, takeMatrix } from "./matrix.ts";

/** Throws `invalid-argument` for an order that leaves a token out. */
export async function permuteTokens({ tokens, order, positions, seed }: PermutationQuestion): Promise<Permuted> {
  if (order.length !== tokens.length || order.toSorted((a, b) => a - b).some((token, place) => token !== place)) {
    const message = `order: expected each of 0 to ${tokens.length - 1} once, got [${order.join(", ")}]`;
    throw new VisionError("invalid-argument", message);
  }
  const answers = tidy(() => {
    const given = placeMatrix("tokens", tokens);
    const layer = drawAttention(given.shape[1], createRandom(seed));
    const answer = (rows: Tensor2D): Tensor2D => {
      const placed = positions ? add<Tensor2D>(rows, tensor2d(sinusoidalPositions(...rows.shape), rows.shape)) : rows;
      return reshape(selfAttend(layer, expandDims<Tensor3D>(placed)).mixed, rows.shape);
    };
    const there = tensor1d([...order], "int32");
    const original = answer(given);
    return { original, permuted: answer(gather(given, there)), reordered: gather(original, there) };
  });
  const original = await takeMatrix(answers.original);
  const permuted = await takeMatrix(answers.permuted);
  const reordered = await takeMatrix(answers.reordered);
  return { original, permuted, reordered, difference: largestDifference(permuted, reordered) };
}

const largestDifference = (one: Matrix, other: Matrix): number =>
  Math.max(...one.flatMap((row, place) => row.map((value, at) => Math.abs(value - other[place]![at]!))));

/** Random weights of two heads that keep the size of what goes in. */
function drawAttention(width: number, random: Random): MultiHeadAttention {
  const draw = (): Linear => ({
    kernel: tensor2d(drawNormals(width * width, 1 / Math.sqrt(width), random), [width, width]),
    bias: null,
  });
  return { heads: 2, query: draw(), key: draw(), value: draw(), output: draw() };
}
