import { VisionError } from "../../contract/errors.ts";
import type { ImageRecipe } from "../../contract/pixels.ts";
import type { Writer } from "../captioner/place-captioner.ts";
import type { LoadedModel } from "../placed/loaded-model.ts";
import type { PlacedModel } from "../placed/placed-model.ts";

const COLOURS = 3;

/** Throws `model-has-no-head` where a model cannot classify. */
export function expectClasses({ writer, info }: LoadedModel): void {
  if (!writer) return;
  throw new VisionError("model-has-no-head", `${info.name} writes sentences and knows no classes; ask for a caption.`);
}

/** Throws `model-has-no-head` where a model cannot write. */
export function expectWriter({ writer, info }: LoadedModel): Writer {
  if (writer) return writer;
  const message = `${info.name} cannot write; load a captioner, such as everyday-captioner, or ask it to classify.`;
  throw new VisionError("model-has-no-head", message);
}

/** Throws `config-unsupported` where a model's input is no picture in colours. */
export function expectColours({ channels }: Pick<PlacedModel, "channels">): void {
  if (channels === COLOURS) return;
  const message = `num_channels: pictures have ${COLOURS}, this model takes ${channels}; use forward with its own input`;
  throw new VisionError("config-unsupported", message);
}

/** How pictures are prepared, a number for each of their colours. Throws as `expectColours`. */
export function pictureRecipe(model: LoadedModel): ImageRecipe {
  expectColours(model);
  return model.recipe;
}
