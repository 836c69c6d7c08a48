import { basename, resolve } from "node:path";
import type { ModelCard } from "../../../worker/checkpoint/write/write-model-card.ts";
import type { WritableModel } from "../../../worker/checkpoint/write/writable-model.ts";
import { writeModelFolder } from "../../../worker/checkpoint/write/write-model-folder.ts";
import type { Trained } from "../../../worker/training/train.ts";
import type { StartingModel } from "./starting-model.ts";
import type { TrainingCall } from "./training-call.ts";
import type { TrainingPictures } from "./training-pictures.ts";

/** The files of a trained model's folder, with a card that says what is known and what is not. */
export function trainedFiles(
  { recipe, data, output }: TrainingCall,
  start: StartingModel,
  { train: split, validation }: TrainingPictures,
  { best, parameters }: Pick<Trained, "best"> & Pick<WritableModel, "parameters">,
): ReadonlyMap<string, Uint8Array> {
  const classes = split.classes.length;
  const origin = typeof recipe.data.validation === "string" ? `of ${validation?.split}` : "held aside of the same data";
  const card: ModelCard = {
    name: basename(resolve(output)),
    summary: `Tells ${classes} classes apart. Trained with patchlight from ${start.name}.`,
    data: `${data} (${split.layout}): ${split.pictures.length} pictures of ${classes} classes`,
    dataLicence: "not stated: say it before you pass this model on",
    recipe: JSON.stringify(recipe),
    accuracy: best && {
      value: `${(100 * best.validation.top1).toFixed(2)} % top-1`,
      measured: `on ${best.validation.pictures} pictures ${origin}, after epoch ${best.epoch}, which was chosen by them`,
    },
    limits: "It answers one of its classes whatever it is shown. Measured on pictures like those it learned from only.",
  };
  return writeModelFolder({ ...start, parameters }, card, recipe.dtype);
}

/** The last line of a training, for people. */
export function describeTrained({ epochs, best, stoppedEarly }: Trained, output: string): string {
  const early = stoppedEarly ? ", stopped early as it got no better" : "";
  const kept = best
    ? `; kept epoch ${best.epoch} with ${(100 * best.validation.top1).toFixed(1)} % of those held aside`
    : "";
  return `${epochs} epochs${early}${kept}. Written to ${output}; use it with --model ${output}`;
}
