import { readFile } from "node:fs/promises";
import type { BackendChoice } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { describeRefusal } from "../../node/describe-refusal.ts";
import { workOn } from "../output/file-failure.ts";
import type { Output } from "../output/output.ts";
import { readCaptionRecipe, teachesCaptions, type CaptionRecipe } from "./captions/caption-recipe.ts";
import { runCaptionTraining } from "./captions/run-caption-training.ts";
import { readRecipe, type Recipe } from "./recipe-file.ts";
import { runTraining } from "./run-training.ts";

export type TrainCall = {
  readonly recipe: string; // file
  readonly data: string | null; // in place of what the recipe says
  readonly output: string | null;
  readonly backend: BackendChoice;
};

/** `patchlight train`: all that a recipe file says. */
export async function trainCommand(call: TrainCall, output: Output): Promise<void> {
  const recipe = await workOn(call.recipe, readRecipeFile(call.recipe));
  const places = placesOf(call, recipe);
  await ("captions" in recipe
    ? runCaptionTraining({ recipe, ...places }, output)
    : runTraining({ recipe, ...places }, output));
}

type Places = { readonly data: { readonly path?: string | undefined }; readonly output?: string | undefined };

/** What the command line says comes before what the recipe says. */
const placesOf = (call: TrainCall, { data, output }: Places) => ({
  data: call.data ?? data.path ?? missing(call.recipe, "data.path", "--data"),
  output: call.output ?? output ?? missing(call.recipe, "output", "--output"),
  backend: call.backend,
});

function missing(file: string, setting: string, flag: string): never {
  throw new VisionError(
    "training-recipe",
    `${file}: ${setting}: wanted a folder, got nothing; say it there or with ${flag}`,
  );
}

async function readRecipeFile(path: string): Promise<Recipe | CaptionRecipe> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new VisionError("source-not-found", `recipe: wanted a JSON file, got ${describeRefusal(cause)}`, { cause });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new VisionError("training-recipe", `wanted JSON, got ${(cause as Error).message}`, { cause });
  }
  return teachesCaptions(value) ? readCaptionRecipe(value, path) : readRecipe(value, path);
}

export type FineTuneCall = {
  readonly model: string;
  readonly data: string;
  readonly output: string;
  readonly adapt: Recipe["adapt"];
  readonly epochs: number;
  readonly rate: number | null; // null: what usually works for what learns
  readonly batch: number;
  readonly seed: number;
  readonly backend: BackendChoice;
};

/** `patchlight fine-tune`: a model that exists learns other classes, with what usually works for a folder of pictures. */
export async function fineTuneCommand(call: FineTuneCall, output: Output): Promise<void> {
  const { adapt } = call;
  const whole = adapt.kind === "all" || adapt.kind === "last-blocks";
  const recipe = readRecipe(
    {
      model: { kind: "start", from: call.model },
      adapt,
      data: { batch: call.batch },
      augment: { crop: { scale: [0.35, 1], ratio: [3 / 4, 4 / 3] } },
      learning: {
        epochs: call.epochs,
        rate: call.rate ?? (whole ? 0.001 : 0.003),
        seed: call.seed,
        layerDecay: whole ? 0.75 : 1, // BEiT's, for models of this size
        schedule: { kind: "one-cycle", rise: 0.1 }, // by shares: a few dozen pictures make few updates
      },
    },
    "fine-tune",
  );
  await runTraining({ recipe, data: call.data, output: call.output, backend: call.backend }, output);
}
