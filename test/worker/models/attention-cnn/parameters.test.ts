import { expect, test } from "vitest";
import { attentionCnnParameterShapes, parameterCount } from "../../../../worker/models/attention-cnn/parameters.ts";
import { ATTENTION_CNN_PRESETS } from "../../../../worker/models/attention-cnn/presets.ts";
import { goldenTensors } from "../../../setup/golden.ts";
import { goldenConfig } from "./golden-suite.ts";

/** Counts of PyTorch's parameters() for the same configs, by test/golden/make_attention_cnn.py's module. */
const COUNTS: Record<keyof typeof ATTENTION_CNN_PRESETS, number> = {
  "attention-cnn-64": 3_454_665,
  "attention-cnn-64-grid8": 3_553_289,
  "attention-cnn-64-fine": 3_549_065,
  "plain-cnn-64": 3_421_576,
};

test.each(Object.entries(ATTENTION_CNN_PRESETS))("%s has PyTorch's number of parameters", (name, config) => {
  expect(parameterCount(config)).toBe(COUNTS[name as keyof typeof ATTENTION_CNN_PRESETS]);
});

test("names and shapes are those of PyTorch's state dict", async () => {
  const weights = await goldenTensors("attention-cnn/weights.safetensors");
  const shapes = attentionCnnParameterShapes(await goldenConfig("scaled"));
  expect(Object.fromEntries(shapes)).toEqual(
    Object.fromEntries([...weights].map(([name, { shape }]) => [name, [...shape]])),
  );
});

test("the plain CNN has the same names but for the module's; a model without classes has no head", async () => {
  const scaled = await goldenConfig("scaled");
  const all = [...attentionCnnParameterShapes(scaled).keys()];
  const plain = [...attentionCnnParameterShapes(await goldenConfig("plain")).keys()];
  expect(plain).toEqual(all.filter((name) => !name.startsWith("attention.")));
  const headless = [...attentionCnnParameterShapes({ ...scaled, classes: 0 }).keys()];
  expect(headless).toEqual(all.filter((name) => !name.startsWith("head.")));
});
