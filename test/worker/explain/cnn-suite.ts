import { memory, type Tensor4D } from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { mapFromMatrix } from "../../../worker/contract/attention-matrix.ts";
import { explainAttentionCnn, readAttentionCnnMatrix } from "../../../worker/explain/explain-cnn.ts";
import { measureModule } from "../../../worker/explain/heads/measure-heads.ts";
import { releaseAttentionCnn } from "../../../worker/models/attention-cnn/attention-cnn.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../setup/golden.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";
import { goldenConfig } from "../models/attention-cnn/golden-suite.ts";
import { loadCnn, pictureOf } from "./explained-models.ts";

const CELLS = 64; // the module's map is 8 × 8

/** Explanations of the golden attention CNN of random weights, on whatever backend is in use. */
export function describeCnnExplanations(tolerance: number): void {
  describe("of an attention CNN", () => {
    let picture: Tensor4D;
    let known = new Map<string, GoldenTensor>();
    let expected = new Map<string, GoldenTensor>();
    beforeAll(async () => {
      known = await goldenTensors("attention-cnn/expected.safetensors");
      expected = await goldenTensors("explain/expected.safetensors");
      picture = pictureOf(known.get("pixel_values")!);
    });

    test.each(["scaled", "unscaled", "last", "plain", "gelu", "stride"] as const)(
      "%s: Grad-CAM at every stage is autograd's",
      async (variant) => {
        const cnn = await loadCnn(await goldenConfig(variant));
        for (const target of [0, 1, 2]) {
          for (const layer of [0, 1, 2]) {
            const { values, grid } = await explainAttentionCnn(cnn, picture, { method: "grad-cam", target, layer });
            const wanted = expected.get(`cnn/${variant}/grad-cam.${target}.${layer}`)!;
            expect([grid.height, grid.width]).toEqual(wanted.shape);
            expect(maxDifference(values, wanted.values)).toBeLessThanOrEqual(tolerance);
          }
        }
        releaseAttentionCnn(cnn);
      },
    );

    test("the module's attention from any position is PyTorch's", async () => {
      const cnn = await loadCnn(await goldenConfig("scaled"));
      const weights = known.get("scaled/attention.weights")!.values.subarray(0, CELLS * CELLS);
      const whole = await readAttentionCnnMatrix(cnn, picture, { method: "module" });
      expect([whole.prefixTokens, whole.grid]).toEqual([0, { width: 8, height: 8 }]);
      expect(maxDifference(whole.matrix, weights)).toBeLessThanOrEqual(tolerance);
      for (const query of [0, 37]) {
        const wanted = weights.subarray(query * CELLS, (query + 1) * CELLS);
        const { values } = await explainAttentionCnn(cnn, picture, { method: "module", query });
        expect(maxDifference(values, wanted)).toBeLessThanOrEqual(tolerance);
        expect(maxDifference(mapFromMatrix(whole, query), wanted)).toBeLessThanOrEqual(tolerance);
      }
      const raw = await explainAttentionCnn(cnn, picture, { method: "raw", layer: 0, head: 0 });
      const module = await explainAttentionCnn(cnn, picture, { method: "module" });
      expect(module.values).toEqual(raw.values);
      expect(module.settings.query).toBe("mean");
      const { distance, entropy } = await measureModule(cnn, picture, {});
      const far = (from: number, to: number): number =>
        4 * Math.hypot((from % 8) - (to % 8), Math.floor(from / 8) - Math.floor(to / 8)); // pixels
      const mean =
        weights.reduce((sum, weight, at) => sum + weight * far(Math.floor(at / CELLS), at % CELLS), 0) / CELLS;
      const surprise = weights.reduce((sum, weight) => sum - (weight > 0 ? weight * Math.log(weight) : 0), 0) / CELLS;
      expect(maxDifference(distance, [mean])).toBeLessThanOrEqual(50 * tolerance);
      expect(maxDifference(entropy, [surprise])).toBeLessThanOrEqual(10 * tolerance);
      releaseAttentionCnn(cnn);
    });

    test("what the model has not is refused by name", async () => {
      const cnn = await loadCnn(await goldenConfig("plain"));
      const headless = await loadCnn({ ...(await goldenConfig("plain")), classes: 0 });
      const ask = (request: object) => () => explainAttentionCnn(cnn, picture, request as never);
      await expectRefusal(ask({ method: "module" }), "invalid-argument", "no attention module");
      await expectRefusal(ask({ method: "rollout" }), "invalid-argument", "module, raw, grad-cam", "rollout");
      await expectRefusal(ask({ method: "flow" }), "invalid-argument", "flow");
      await expectRefusal(ask({ method: "grad-cam", layer: 3 }), "invalid-argument", "stage from 0 to 2");
      await expectRefusal(ask({ method: "grad-cam", target: 5 }), "invalid-argument", "0 to 4");
      const cam = () => explainAttentionCnn(headless, picture, { method: "grad-cam" });
      await expectRefusal(cam, "model-has-no-head");
      for (const model of [cnn, headless]) releaseAttentionCnn(model);
    });

    test("no tensor is left behind, wherever it is stopped", async () => {
      const cnn = await loadCnn(await goldenConfig("scaled"));
      const before = memory().numTensors;
      for (const request of [{ method: "module" }, { method: "grad-cam", layer: 0 }] as const) {
        let pauses = 0;
        await explainAttentionCnn(cnn, picture, request, { pause: () => Promise.resolve(void pauses++) });
        expect(memory().numTensors).toBe(before);
        for (let stop = 1; stop <= pauses; stop++) {
          let left = stop;
          const pause = () => (--left === 0 ? Promise.reject(new Error("stop")) : Promise.resolve());
          await expect(explainAttentionCnn(cnn, picture, request, { pause })).rejects.toThrow("stop");
          expect(memory().numTensors, `${request.method}, stopped at ${stop}`).toBe(before);
        }
      }
      releaseAttentionCnn(cnn);
    });
  });
}
