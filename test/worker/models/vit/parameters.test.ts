import { expect, test } from "vitest";
import { parameterCount } from "../../../../worker/models/vit/parameters.ts";
import { VIT_PRESETS } from "../../../../worker/models/vit/presets.ts";

/** Counts of timm's models of the same names with 1,000 classes. */
const COUNTS: Record<keyof typeof VIT_PRESETS, number> = {
  "vit-tiny-patch16-224": 5_717_416,
  "vit-small-patch16-224": 22_050_664,
  "vit-base-patch16-224": 86_567_656,
  "vit-base-patch32-224": 88_224_232,
  "vit-large-patch16-224": 304_326_632,
};

test.each(Object.entries(VIT_PRESETS))("%s has the published number of parameters", (name, config) => {
  expect(parameterCount(config)).toBe(COUNTS[name as keyof typeof VIT_PRESETS]);
});

test("a distilled model adds a token, a position and a second head", () => {
  const plain = VIT_PRESETS["vit-tiny-patch16-224"];
  const distilled = { ...plain, distillationToken: true, distillationHead: true };
  expect(parameterCount(distilled)).toBe(5_910_800); // timm's deit_tiny_distilled_patch16_224
});
