import { describe, expect, test } from "vitest";
import { readAttentionCnnConfig } from "../../../../worker/checkpoint/config/attention-cnn-config.ts";
import { expectRefusal } from "../code-of.ts";

const FULL = {
  model_type: "attention-cnn",
  architectures: ["AttentionCnnForImageClassification"],
  image_size: [48, 64],
  num_channels: 1,
  stem_channels: 8,
  stem_stride: 2,
  stage_channels: [8, 16],
  stage_blocks: [2, 3],
  stage_strides: [1, 2],
  hidden_act: "gelu",
  batch_norm_eps: 1e-3,
  attention: { after_stage: 1, inner_channels: 4, scaled: false },
  id2label: { "0": "cat", "1": "dog" },
};

/** The same file without one field. */
const without = (field: keyof typeof FULL): object =>
  Object.fromEntries(Object.entries(FULL).filter(([name]) => name !== field));

test("every field is read; a pair is [height, width]", () => {
  expect(readAttentionCnnConfig(FULL)).toEqual({
    config: {
      imageSize: { width: 64, height: 48 },
      channels: 1,
      stem: { channels: 8, stride: 2 },
      stages: [
        { channels: 8, blocks: 2, stride: 1 },
        { channels: 16, blocks: 3, stride: 2 },
      ],
      activation: "gelu",
      batchNormEpsilon: 1e-3,
      attention: { afterStage: 1, innerChannels: 4, scaled: false },
      classes: 2,
    },
    labels: {
      byIndex: new Map([
        [0, "cat"],
        [1, "dog"],
      ]),
      classes: null,
    },
  });
});

test("what may be left out: colour, stem stride 1, ReLU, PyTorch's epsilon, scaled scores", () => {
  const { config } = readAttentionCnnConfig({
    ...FULL,
    num_channels: null,
    stem_stride: undefined,
    hidden_act: null,
    batch_norm_eps: null,
    attention: { after_stage: 0, inner_channels: 4 },
  });
  expect(config).toMatchObject({
    channels: 3,
    stem: { stride: 1 },
    activation: "relu",
    batchNormEpsilon: 1e-5,
    attention: { scaled: true },
  });
});

test("attention: null is the plain CNN; leaving it out is a mistake", async () => {
  expect(readAttentionCnnConfig({ ...FULL, attention: null }).config.attention).toBeNull();
  await expectRefusal(() => readAttentionCnnConfig(without("attention")), "config-malformed", "attention", "nothing");
});

test("without names or their number there is no head, unless the architecture promises one", async () => {
  const bare = { ...without("id2label"), architectures: undefined };
  expect(readAttentionCnnConfig(bare).config.classes).toBe(0);
  expect(readAttentionCnnConfig({ ...bare, num_labels: 7 }).config.classes).toBe(7);
  await expectRefusal(() => readAttentionCnnConfig(without("id2label")), "config-malformed", "id2label");
});

describe("refusals name the field, what was wanted and got", () => {
  test.each([
    [{ model_type: "vit" }, ["model_type", '"attention-cnn"', '"vit"']],
    [{ architectures: ["ResNetForImageClassification"] }, ["architectures", "AttentionCnnForImageClassification"]],
    [{ image_size: null }, ["image_size", "a value", "nothing"]],
    [{ image_size: 0 }, ["image_size", "above 0"]],
    [{ stem_channels: 1.5 }, ["stem_channels", "whole number", "1.5"]],
    [{ stage_channels: [] }, ["stage_channels", "at least one stage"]],
    [{ stage_channels: 64 }, ["stage_channels", "one per stage", "64"]],
    [{ stage_blocks: [2] }, ["stage_blocks", "one for each of 2 stages", "[2]"]],
    [{ stage_blocks: [600, 600] }, ["stage_blocks", "at most 1000 blocks", "1200"]],
    [{ stage_strides: [1, 2, 2] }, ["stage_strides", "one for each of 2 stages"]],
    [{ stage_strides: [1, 0] }, ["stage_strides.1", "above 0"]],
    [{ hidden_act: "swiglu" }, ["hidden_act", "gelu", "swiglu"]],
    [{ batch_norm_eps: 0 }, ["batch_norm_eps", "above 0"]],
    [{ attention: { after_stage: 2, inner_channels: 4 } }, ["attention.after_stage", "0 to 1", "2"]],
    [{ attention: { after_stage: 0 } }, ["attention.inner_channels", "a value", "nothing"]],
    [{ attention: true }, ["attention", "an object", "true"]],
    [{ id2label: { cat: 0 } }, ["id2label", "class indices"]],
  ])("%j", async (fields, words) => {
    await expectRefusal(() => readAttentionCnnConfig({ ...FULL, ...fields }), "config-malformed", ...words);
  });

  test("no object at all", async () => {
    await expectRefusal(() => readAttentionCnnConfig([]), "config-malformed", "an object", "[]");
  });
});
