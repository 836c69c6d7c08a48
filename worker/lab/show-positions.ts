import { matMul, tensor2d, tidy } from "@tensorflow/tfjs-core";
import type { Positions } from "../contract/lab.ts";
import { sinusoidalPositions } from "../layers/sinusoidal-positions.ts";
import { takeMatrix } from "./matrix.ts";

/** Positions as waves, and how alike they are. */
export async function showPositions(count: number, width: number): Promise<Positions> {
  const waves = tensor2d(sinusoidalPositions(count, width), [count, width]);
  const products = tidy(() => matMul(waves, waves, false, true));
  return { waves: await takeMatrix(waves), products: await takeMatrix(products) };
}
