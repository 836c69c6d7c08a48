import { memory, tensor4d, tidy, transpose, type Tensor4D } from "@tensorflow/tfjs-core";
import { describe, expect, test } from "vitest";
import { openAs } from "../../checkpoint/open-as.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import { buildVit } from "../../../../worker/models/vit/build-vit.ts";
import { runVit } from "../../../../worker/models/vit/run-vit.ts";
import type { VitStage } from "../../../../worker/models/vit/stages.ts";
import { releaseVit } from "../../../../worker/models/vit/vit.ts";
import { goldenFolder, goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { schemeFolder } from "../../checkpoint/scheme-folder.ts";
import { GOLDEN_CASES } from "./golden-cases.ts";

/** Our name of a stage by PyTorch's. */
export function stageOf(name: string): VitStage {
  const hidden = /^hidden_states\.(\d+)$/.exec(name)?.[1];
  if (hidden !== undefined) return hidden === "0" ? "tokens" : `blocks.${Number(hidden) - 1}.output`;
  const attention = /^attentions\.(\d+)$/.exec(name)?.[1];
  if (attention !== undefined) return `blocks.${Number(attention)}.attention`;
  if (name === "last_hidden_state") return "encoded";
  if (name === "logits" || name === "pooler_output") return name;
  throw new Error(`no stage is called ${name}`);
}

async function loadVit(folder: ModelFolder, pause?: () => Promise<void>) {
  const { config, read } = await openAs("vit", folder);
  return buildVit(config, read, pause);
}

const nhwc = ({ values, shape }: GoldenTensor): Tensor4D =>
  tidy(() => transpose<Tensor4D>(tensor4d(values, shape as Tensor4D["shape"]), [0, 2, 3, 1]));

/** Every stage of the reference models, on whatever backend is in use. */
export function describeVitGoldens(tolerance: number): void {
  describe("against PyTorch, stage by stage", () => {
    test.each(GOLDEN_CASES)("%s", async (_, golden) => {
      const { folder, pixels, expected, interpolate } = await golden();
      const vit = await loadVit(folder);
      const stages = [...expected.keys()].map(stageOf);
      const answers = await runVit(vit, nhwc(pixels), { stages, interpolate });
      expect(answers.size).toBe(expected.size);
      for (const [name, { shape, values }] of expected) {
        const answer = answers.get(stageOf(name))!;
        expect(answer.shape, name).toEqual(shape);
        expect(maxDifference(await answer.data(), values), name).toBeLessThanOrEqual(tolerance);
      }
      for (const tensor of answers.values()) tensor.dispose();
      releaseVit(vit);
    });

    test("the pooler of a bare backbone", async () => {
      const expected = (await goldenTensors("schemes/expected-logits.safetensors")).get("pooler_output")!;
      const pixels = (await goldenTensors("schemes/inputs.safetensors")).get("pixel_values")!;
      const vit = await loadVit(await schemeFolder("hf4-bare"));
      const answers = await runVit(vit, nhwc(pixels), { stages: ["pooler_output"] });
      const difference = maxDifference(await answers.get("pooler_output")!.data(), expected.values);
      expect(difference).toBeLessThanOrEqual(tolerance);
      releaseVit(vit);
    });
  });

  test("leaves no tensor behind, whether it answers, stops half-way, or refuses the image", async () => {
    const pixels = (await goldenTensors("vit-hf/expected.safetensors")).get("pixel_values")!;
    const before = memory().numTensors;
    const vit = await loadVit(goldenFolder("vit-hf"));
    const input = nhwc(pixels);
    const wrong = tensor4d(pixels.values, [2, 16, 64, 3]);
    const loaded = memory().numTensors;
    const answers = await runVit(vit, input, { stages: ["logits", "blocks.1.attention"] });
    expect(memory().numTensors - loaded).toBe(2);
    for (const tensor of answers.values()) tensor.dispose();
    let pauses = 0;
    const pause = () => (++pauses === 2 ? Promise.reject(new Error("stop")) : Promise.resolve());
    await expect(runVit(vit, input, { stages: ["tokens", "logits"], pause })).rejects.toThrow("stop");
    await expect(runVit(vit, wrong, { stages: ["logits"] })).rejects.toThrow(
      "image: expected [*, 32, 32, 3], got [2, 16, 64, 3]",
    );
    await expect(runVit(vit, input, { stages: ["blocks.3.output"] })).rejects.toThrow("blocks 0 to 2");
    await expect(loadVit(goldenFolder("vit-hf"), () => Promise.reject(new Error("stop")))).rejects.toThrow("stop");
    expect(memory().numTensors).toBe(loaded);
    input.dispose();
    wrong.dispose();
    releaseVit(vit);
    expect(memory().numTensors).toBe(before);
  });
}
