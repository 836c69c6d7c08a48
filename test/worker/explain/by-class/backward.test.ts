import {
  add,
  grad,
  grads,
  memory,
  mul,
  tensor1d,
  slice,
  sum,
  tensor2d,
  tensor3d,
  tensor4d,
  tidy,
  zeros,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { encodeBackward } from "../../../../worker/explain/by-class/backward/encoder-block-backward.ts";
import { readOutBackward } from "../../../../worker/explain/by-class/backward/read-out-backward.ts";
import { attendOverMapBackward } from "../../../../worker/explain/by-class/backward/spatial-self-attention-backward.ts";
import { registerGradients } from "../../../../worker/kernels/gradients.ts";
import type { Activation } from "../../../../worker/layers/activation.ts";
import { encode, type EncoderBlock } from "../../../../worker/layers/encoder-block.ts";
import { layerNorm } from "../../../../worker/layers/layer-norm.ts";
import { attendOverMap } from "../../../../worker/layers/spatial-self-attention.ts";
import { readOut } from "../../../../worker/models/vit/read-out.ts";
import type { Vit } from "../../../../worker/models/vit/vit.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { loadOnePatchCnn, loadVit } from "../explained-models.ts";

const WAVES = (count: number, pace: number): Float32Array =>
  Float32Array.from({ length: count }, (_, at) => Math.sin(pace * at + at * at));

async function expectClose(got: Tensor, wanted: Tensor | ArrayLike<number>, tolerance: number): Promise<void> {
  const values = "data" in wanted ? await wanted.data() : wanted;
  const size = Math.max(...Array.from(values, Math.abs));
  expect(size).toBeGreaterThan(0);
  expect(maxDifference(await got.data(), values) / size).toBeLessThanOrEqual(tolerance);
}

describe("gradients written out", () => {
  let vit: Vit;
  beforeAll(async () => {
    await cpuBackend.start(() => undefined);
    registerGradients();
    vit = await loadVit("vit-hf");
  });

  const tokens = (): Tensor3D => tensor3d(WAVES(17 * 48, 0.7), [1, 17, 48]);
  const above = (): Tensor3D => tensor3d(WAVES(17 * 48, 1.3), [1, 17, 48]);

  describe.each(["gelu", "gelu-tanh", "relu", "silu"] as const)("of an encoder block with %s", (activation) => {
    const block = (): EncoderBlock => {
      const known = vit.blocks[1]!;
      return { ...known, feedForward: { ...known.feedForward, activation: activation satisfies Activation } };
    };

    test("are tfjs's own", async () => {
      const before = memory().numTensors;
      const [input, gradient] = [tokens(), above()];
      const back = encodeBackward(block(), input, gradient);
      expect(memory().numTensors - before).toBe(2 + 5);
      const offset: Tensor4D = zeros([1, 4, 17, 17]);
      const through = (x: Tensor, delta: Tensor): Tensor =>
        encode(block(), x as Tensor3D, { weights: (weights) => add(weights, delta) }).tokens;
      const [byTokens, byAttention] = grads(through)([input, offset], gradient);
      await expectClose(back.tokens, byTokens!, 1e-5);
      await expectClose(back.byAttention, byAttention!, 1e-5);
      await expectClose(back.attention, encode(block(), input).attention, 1e-6);
      await expectClose(back.normed, layerNorm(block().normBefore, input), 1e-6);
      const shifted = (shift: Tensor): Tensor => {
        const normBefore = { ...block().normBefore, shift: add(block().normBefore.shift, shift) };
        return encode({ ...block(), normBefore } as EncoderBlock, input).tokens;
      };
      await expectClose(back.byNormed, grad(shifted)(zeros([1, 17, 48]), gradient), 1e-5);
    });
  });

  test("of an encoder block are what small steps show", async () => {
    const block = vit.blocks[2]!;
    const [input, gradient] = [tokens(), above()];
    const back = encodeBackward(block, input, gradient);
    const [byTokens, byAttention] = [await back.tokens.data(), await back.byAttention.data()];
    const value = async (x: Tensor3D, delta: Tensor4D): Promise<number> => {
      const out = tidy(() => sum<Scalar>(mul(encode(block, x, { weights: (w) => add(w, delta) }).tokens, gradient)));
      return (await out.data())[0]!;
    };
    const bump = (length: number, at: number, step: number): Float32Array => {
      const values = new Float32Array(length);
      values[at] = step;
      return values;
    };
    for (const at of [0, 100, 500, 815]) {
      const moved = (step: number) =>
        value(add(input, tensor3d(bump(816, at, step), [1, 17, 48])), zeros([1, 4, 17, 17]));
      expect(((await moved(0.01)) - (await moved(-0.01))) / 0.02).toBeCloseTo(byTokens[at]!, 1);
    }
    for (const at of [0, 3, 300, 1155]) {
      const moved = (step: number) => value(input, tensor4d(bump(1156, at, step), [1, 4, 17, 17]));
      expect(((await moved(0.01)) - (await moved(-0.01))) / 0.02).toBeCloseTo(byAttention[at]!, 1);
    }
  });

  test.each([
    ["the class token", {}],
    ["the mean of patches", { pooling: "mean" }],
    ["the norm after pooling", { pooling: "mean", finalNorm: "pooled" }],
    ["the norm after the class token", { finalNorm: "pooled" }],
    ["no class token", { pooling: "mean", classToken: false }],
  ] as const)("of the read-out by %s are tfjs's own", async (_, change) => {
    const model: Vit = { ...vit, config: { ...vit.config, ...change } };
    const logit = (x: Tensor): Tensor => slice(readOut(model, x as Tensor3D).logits!, [0, 3], [1, 1]);
    const input = tokens();
    await expectClose(readOutBackward(model, model.head!, input, 3), grad(logit)(input), 1e-5);
  });

  test("of a distilled model's two heads are tfjs's own", async () => {
    const second = { kernel: tensor2d(WAVES(480, 2.1), [48, 10]), bias: null };
    const config = { ...vit.config, distillationToken: true };
    const model: Vit = { ...vit, config, distillationHead: second };
    const logit = (x: Tensor): Tensor => slice(readOut(model, x as Tensor3D).logits!, [0, 3], [1, 1]);
    const input = tokens();
    await expectClose(readOutBackward(model, model.head!, input, 3), grad(logit)(input), 1e-5);
  });

  test("of a head that reads the patches beside the class token are tfjs's own", async () => {
    const second = { kernel: tensor2d(WAVES(480, 2.1), [48, 10]), bias: null };
    const model: Vit = { ...vit, config: { ...vit.config, registers: 3, patchHead: true }, patchHead: second };
    const logit = (x: Tensor): Tensor => slice(readOut(model, x as Tensor3D).logits!, [0, 3], [1, 1]);
    const input = tokens();
    await expectClose(readOutBackward(model, model.head!, input, 3), grad(logit)(input), 1e-5);
  });

  test.each([true, false])("of the module over a map are tfjs's own; scaled: %s", async (scaled) => {
    const known = (await loadOnePatchCnn()).stages[0]!.attention!;
    const module = { ...known, scaled, gamma: tensor1d([0.7]) };
    const map = tensor4d(WAVES(5 * 4 * 6, 0.9), [1, 5, 4, 6]);
    const gradient = tensor4d(WAVES(5 * 4 * 6, 1.7), [1, 5, 4, 6]);
    const own = grad((x: Tensor) => attendOverMap(module, x as Tensor4D).mixed)(map, gradient);
    await expectClose(attendOverMapBackward(module, map, gradient), own, 1e-5);
  });
});
