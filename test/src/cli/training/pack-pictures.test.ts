import { join } from "node:path";
import { expect, test } from "vitest";
import { openSplit } from "../../../../datasets/open-split.ts";
import type { ImageRecipe } from "../../../../worker/contract/pixels.ts";
import { createRandom } from "../../../../worker/contract/random.ts";
import { createOutput } from "../../../../src/cli/output/output.ts";
import { HALF, newModel } from "../../../../src/cli/training/new-model.ts";
import { packPictures } from "../../../../src/cli/training/pack-pictures.ts";
import type { StartingModel } from "../../../../src/cli/training/starting-model.ts";
import { readRecipe } from "../../../../src/cli/training/recipe-file.ts";
import { drawShapes } from "./shapes.ts";
import { NEW_VIT, scratchFolder, tinyRecipe } from "./training-folders.ts";

const CASES: [string, number | null, Partial<ImageRecipe>, { side: number; fit: string }][] = [
  ["at the model's longer side, squashed as it squashes", null, {}, { side: 16, fit: "squash" }],
  ["at the side that is asked for", 24, {}, { side: 24, fit: "squash" }],
  [
    "cut where the model cuts",
    null,
    { resize: { kind: "shortest-edge", length: 18, maxLength: null }, crop: { width: 16, height: 12 } },
    { side: 16, fit: "crop" },
  ],
];

test.each(CASES)("pictures are packed %s", async (_, side, imageRecipe, wanted) => {
  const data = await scratchFolder();
  await drawShapes(join(data, "train"), 1);
  const { model } = readRecipe(tinyRecipe({ model: NEW_VIT }), "test");
  if (model.kind !== "vit") throw new Error("no ViT");
  const fresh = newModel(model, ["a", "b"], HALF, createRandom(1));
  const config = { ...fresh.config, imageSize: { width: 16, height: 12 } };
  const start = { ...fresh, config, recipe: { ...fresh.recipe, ...imageRecipe } } as StartingModel;
  const split = await openSplit(data, "train");
  const packed = await packPictures(split, join(data, "packed"), side, start, createOutput(true));
  expect(packed.manifest).toMatchObject({ ...wanted, length: 3, filter: "bilinear" });
});
