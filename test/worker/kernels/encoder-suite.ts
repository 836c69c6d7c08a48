import { describe, expect, test } from "vitest";
import type { EncoderEngine } from "../../../worker/kernels/encoder-engine.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import { tokenCount, type VitConfig } from "../../../worker/models/vit/config.ts";
import { maxDifference } from "../../setup/golden.ts";
import { vitStages } from "./composed.ts";
import { drawImages, drawParameters, smallVit } from "./random-vit.ts";

/** What holds of every engine of Vision Transformers, whatever it runs on. */
export function encoderSuite(create: (config: VitConfig, read: ParameterReader) => Promise<EncoderEngine>): void {
  test.each<[string, Partial<VitConfig>]>([
    ["class token", {}],
    ["class token, norm after pooling", { finalNorm: "pooled" }],
    ["distillation token and pooler", { distillationToken: true, distillationHead: true, pooler: true }],
    ["class token, registers and patches", { registers: 4, patchHead: true }],
    ["first patch", { classToken: false }],
    ["mean", { pooling: "mean" }],
    ["no blocks", { layers: 0 }],
  ])("computes nothing behind the last stage asked for, and gives the same alone: %s", async (_, settings) => {
    const config = smallVit({ layers: 3, ...settings });
    const engine = await create(config, drawParameters(config, 1));
    const images = drawImages(config, 2, 1);
    const all = await engine.run(images, { stages: vitStages(config) });
    await engine.run(drawImages(config, 2, 2), { stages: vitStages(config) }); // what is left of it must not be read
    for (const stage of vitStages(config)) {
      let pauses = 0;
      const pause = async () => void pauses++;
      const alone = await engine.run(images, { stages: [stage], pause });
      expect([...alone.keys()]).toEqual([stage]);
      expect(maxDifference(alone.get(stage)!.values, all.get(stage)!.values), stage).toBe(0);
      const block = /\d/.exec(stage);
      expect(pauses).toBe(stage === "tokens" ? 1 : block ? Number(block[0]) + 2 : config.layers + 1);
    }
    engine.release();
  });

  describe("gives the attention of some queries alone, as it gives them among all", () => {
    const config = smallVit({ imageSize: { width: 20, height: 20 } });
    const tokens = tokenCount(config);
    const stages = ["blocks.0.attention", "blocks.1.attention", "logits"] as const;

    test.each([
      [0, 1],
      [7, 1],
      [3, 9],
      [tokens - 1, 1],
    ])("%i and so many from there on: %i", async (first, count) => {
      const engine = await create(config, drawParameters(config, 1));
      const images = drawImages(config, 2, 1);
      const all = await engine.run(images, { stages });
      await engine.run(drawImages(config, 2, 2), { stages });
      const some = await engine.run(images, { stages, queries: { first, count } });
      for (const stage of stages.slice(0, 2)) {
        const { shape, values } = some.get(stage)!;
        expect(shape).toEqual([2, config.heads, count, tokens]);
        for (let plane = 0; plane < 2 * config.heads; plane++) {
          const from = (plane * tokens + first) * tokens;
          const wanted = all.get(stage)!.values.subarray(from, from + count * tokens);
          expect(values.subarray(plane * count * tokens, (plane + 1) * count * tokens)).toEqual(wanted);
        }
      }
      expect(some.get("logits")).toEqual(all.get("logits"));
      engine.release();
    });
  });
}
