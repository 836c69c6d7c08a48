import { layers, tensor1d, tensor2d, tensor3d, type Tensor } from "@tensorflow/tfjs";
import { beforeAll, expect, test } from "vitest";
import { activate } from "../../../worker/layers/activate.ts";
import { layerNorm } from "../../../worker/layers/layer-norm.ts";
import { linear } from "../../../worker/layers/linear.ts";
import { cpuBackend } from "../../../worker/runtime/backends/cpu.ts";
import { maxDifference } from "../../setup/golden.ts";

/** tfjs's own Keras layers, written by others, as a second opinion. */
beforeAll(async () => {
  await cpuBackend.start(() => undefined);
});

const wave = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(1 + i * 0.37));
const tokens = () => tensor3d(wave(2 * 3 * 8), [2, 3, 8]);

test("linear and ReLU are Dense", async () => {
  const [kernel, bias] = [tensor2d(wave(8 * 5), [8, 5]), tensor1d(wave(5))];
  const dense = layers.dense({ units: 5, activation: "relu", inputShape: [3, 8] });
  dense.build([null, 3, 8]);
  dense.setWeights([kernel, bias]);
  const expected = await (dense.apply(tokens()) as Tensor).data();
  const answer = await activate("relu", linear({ kernel, bias }, tokens())).data();
  expect(maxDifference(answer, expected)).toBeLessThanOrEqual(1e-6);
});

test("layer norm is LayerNormalization", async () => {
  const [scale, shift] = [tensor1d(wave(8)), tensor1d(wave(8).reverse())];
  const norm = layers.layerNormalization({ epsilon: 1e-6, inputShape: [3, 8] });
  norm.build([null, 3, 8]);
  norm.setWeights([scale, shift]);
  const expected = await (norm.apply(tokens()) as Tensor).data();
  const answer = await layerNorm({ scale, shift, epsilon: 1e-6 }, tokens()).data();
  expect(maxDifference(answer, expected)).toBeLessThanOrEqual(1e-6);
});
