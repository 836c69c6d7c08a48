import { matMul, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { sinusoidalPositions } from "../layers/sinusoidal-positions.ts";
import { takeMatrix } from "./matrix.ts";

export type Positions = {
  readonly waves: number[][]; // [count, width]
  readonly products: number[][]; // [count, count], of each position with each; they depend on the distance alone
};

/** Positions as waves, and how alike they are. */
export async function showPositions(count: number, width: number): Promise<Positions> {
  const waves = tensor2d(sinusoidalPositions(count, width), [count, width]);
  const products = tidy(() => matMul(waves, waves, false, true));
  return { waves: await takeMatrix(waves), products: await takeMatrix(products) };
}
