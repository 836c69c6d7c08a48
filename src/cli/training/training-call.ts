import type { BackendChoice } from "../../../worker/contract/api.ts";
import type { Recipe } from "./recipe-file.ts";

/** One training, with everything said. */
export type TrainingCall = {
  readonly recipe: Recipe;
  readonly data: string; // a data set that `openTrainingPictures` knows
  readonly output: string; // folder
  readonly backend: BackendChoice;
};
