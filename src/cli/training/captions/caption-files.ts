import { basename, resolve } from "node:path";
import { writeCaptionerFolder } from "../../../../worker/checkpoint/write/write-captioner-folder.ts";
import type { ModelCard } from "../../../../worker/checkpoint/write/write-model-card.ts";
import type { BackendChoice } from "../../../../worker/contract/api.ts";
import type { CaptionValidation } from "../../../../worker/training/captions/caption-lesson.ts";
import type { Trained } from "../../../../worker/training/train.ts";
import type { CaptionRecipe } from "./caption-recipe.ts";
import type { School } from "./caption-school.ts";

/** One training of a captioner, with everything said. */
export type CaptionTrainingCall = {
  readonly recipe: CaptionRecipe;
  readonly data: string; // a data set that `openCaptionSplit` knows
  readonly output: string; // folder
  readonly backend: BackendChoice;
};

/** The files of a trained captioner's folder, with a card that says what is known and what is not. */
export function captionerFiles(
  { recipe, data, output }: CaptionTrainingCall,
  { encoder, shape, words, train, held }: School,
  decoder: ReadonlyMap<string, Float32Array>,
  best: Trained<CaptionValidation>["best"],
): ReadonlyMap<string, Uint8Array> {
  const card: ModelCard = {
    name: basename(resolve(output)),
    summary: `Says in a sentence what is in a picture, in ${words.length} words. Trained with patchlight on features of ${recipe.model.encoder}.`,
    data: `${data} (${train.layout}, ${train.split}): ${train.pictures.length} pictures with captions`,
    dataLicence: "not stated: say it before you pass this model on",
    recipe: JSON.stringify(recipe),
    accuracy: best && {
      value: `CIDEr-D ${best.validation.score.toFixed(4)}, greedy`,
      measured: `on ${best.validation.pictures} pictures of ${held?.split}, after epoch ${best.epoch}, which was chosen by them`,
    },
    limits:
      "It says what its captions said of pictures like theirs, and says something of whatever it is shown. Sentences can be wrong.",
  };
  const config = { encoder: encoder.encoder, decoder: shape, featurePooling: recipe.model.pooling, grid: encoder.grid };
  return writeCaptionerFolder(
    { config, recipe: encoder.recipe, words, encoder: encoder.parameters, decoder },
    card,
    recipe.dtype,
  );
}
