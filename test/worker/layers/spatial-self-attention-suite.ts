import { memory, tensor1d, tensor2d, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Linear } from "../../../worker/layers/linear.ts";
import { attendOverMap, type SpatialSelfAttention } from "../../../worker/layers/spatial-self-attention.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";

/** `[B, C, H, W]` → `[B, H, W, C]` */
const nhwc = ({ values, shape }: GoldenTensor): Tensor4D =>
  tidy(() => transpose<Tensor4D>(tensor4d(values, shape as Tensor4D["shape"]), [0, 2, 3, 1]));

/** The 1×1-convolution self-attention module against PyTorch, on whatever backend is in use. */
export function describeSpatialSelfAttention(tolerance: number): void {
  describe("self-attention over a map", () => {
    let golden = new Map<string, GoldenTensor>();
    beforeAll(async () => {
      golden = await goldenTensors("spatial-self-attention/expected.safetensors");
    });

    function pointwise(name: string): Linear {
      const { shape, values } = golden.get(`weights.${name}.weight`)!;
      const weight = tensor2d(values, [shape[0]!, shape[1]!]); // [out, in, 1, 1]
      return { kernel: transpose(weight), bias: tensor1d(golden.get(`weights.${name}.bias`)!.values) };
    }

    const layer = (scaled: boolean, gamma = golden.get("weights.gamma")!.values): SpatialSelfAttention => ({
      query: pointwise("query"),
      key: pointwise("key"),
      value: pointwise("value"),
      output: pointwise("output"),
      gamma: tensor1d(gamma),
      scaled,
    });

    test.each([
      ["unscaled, as in SAGAN", false, ""],
      ["scaled by 1/√inner", true, "_scaled"],
    ])("%s", async (_, scaled, suffix) => {
      const module = layer(scaled);
      const map = nhwc(golden.get("input")!);
      const wanted = nhwc(golden.get(`output${suffix}`)!);
      const before = memory().numTensors;
      const { mixed, weights } = attendOverMap(module, map);
      expect(memory().numTensors - before).toBe(2); // the caller's two results, nothing else
      expect(mixed.shape).toEqual([2, 5, 4, 12]);
      expect(weights.shape).toEqual([2, 1, 20, 20]);
      expect(maxDifference(await mixed.data(), await wanted.data())).toBeLessThanOrEqual(tolerance);
      const looked = await weights.data();
      expect(maxDifference(looked, golden.get(`attention${suffix}`)!.values)).toBeLessThanOrEqual(tolerance);
      for (let row = 0; row < looked.length; row += 20) {
        const sum = Array.from(looked.subarray(row, row + 20)).reduce((total, weight) => total + weight, 0);
        expect(Math.abs(sum - 1)).toBeLessThanOrEqual(tolerance);
      }
    });

    test("with γ = 0 it is the identity, to the last bit", async () => {
      const map = nhwc(golden.get("input")!);
      const { mixed } = attendOverMap(layer(true, Float32Array.of(0)), map);
      expect(await mixed.data()).toEqual(await map.data());
    });

    test("refuses a map of other channels, and leaves nothing behind", () => {
      const module = layer(true);
      const wrong = tensor4d(new Array<number>(8).fill(1), [1, 2, 2, 2]);
      const before = memory().numTensors;
      expect(() => attendOverMap(module, wrong)).toThrow(
        "self-attention input: expected [*, *, *, 12], got [1, 2, 2, 2]",
      );
      expect(memory().numTensors).toBe(before);
    });
  });
}
