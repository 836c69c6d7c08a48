import type { CAC } from "cac";
import { fineTuneCommand, trainCommand } from "../training/train-commands.ts";
import type { Recipe } from "../training/recipe-file.ts";
import { attempt, readCommonOptions } from "./common-options.ts";
import {
  asWritten,
  numberThat,
  readIfGiven,
  readOption,
  wholeFrom,
  type Options,
  type Reading,
} from "./option-values.ts";
import { WrongCall } from "./wrong-call.ts";

/** The commands that end in a new model. */
export function declareTrainingCommands(cli: CAC): void {
  declareTrain(cli);
  declareFineTune(cli);
}

function declareTrain(cli: CAC): void {
  cli
    .command("train", "Train a model as a recipe file says; run again, it goes on where it was stopped")
    .option("--recipe <file>", "JSON; recipes/README.md lists all settings")
    .option("--data <folder>", "In place of the recipe's data.path")
    .option("--output <folder>", "In place of the recipe's output")
    .action((options: Options) => {
      if (options.model !== undefined)
        throw new WrongCall("--model: train takes the model that its recipe names; leave it out");
      const call = {
        backend: readCommonOptions(options).backend,
        recipe: readOption(options, "--recipe", asWritten),
        data: readIfGiven(options, "--data", asWritten) ?? null,
        output: readIfGiven(options, "--output", asWritten) ?? null,
      };
      return attempt(options, call.recipe, (output) => trainCommand(call, output));
    });
}

const adaptation: Reading<Recipe["adapt"]> = (text, flag) => {
  if (text === "head" || text === "all") return { kind: text };
  const [, kind, number] = /^(last|lora)-([1-9]\d{0,3})$/.exec(text) ?? [];
  if (kind === "last") return { kind: "last-blocks", blocks: Number(number) };
  if (kind === "lora") return { kind, rank: Number(number), alpha: 2 * Number(number) }; // as is customary
  throw new WrongCall(`${flag}: expected head, all, last-K or lora-RANK, such as last-2 or lora-8, got ${text}`);
};

const aboveZero = numberThat("a number above 0", (number) => number > 0);

function declareFineTune(cli: CAC): void {
  cli
    .command("fine-tune", "Teach a model other classes from a folder with a folder of pictures for each")
    .option("--data <folder>", "DIR/<class>/…picture, or a data set or archive as eval takes it")
    .option("--output <folder>", "New folder for the model, in Hugging Face's layout")
    .option("--adapt <what>", "What learns: head, all, last-K (blocks) or lora-RANK", { default: "head" })
    .option("--epochs <n>", "Times that every picture comes up", { default: 10 })
    .option("--rate <rate>", "Highest learning rate; default: 0.003, for all and last-K 0.001")
    .option("--batch <n>", "Pictures to an update", { default: 32 })
    .option("--seed <n>", "Of order, crops and what is held aside", { default: 1 })
    .action((options: Options) => {
      const call = {
        ...readCommonOptions(options),
        data: readOption(options, "--data", asWritten),
        output: readOption(options, "--output", asWritten),
        adapt: readOption(options, "--adapt", adaptation),
        epochs: readOption(options, "--epochs", wholeFrom(1)),
        rate: readIfGiven(options, "--rate", aboveZero) ?? null,
        batch: readOption(options, "--batch", wholeFrom(1)),
        seed: readOption(options, "--seed", wholeFrom(0)),
      };
      return attempt(options, call.model, (output) => fineTuneCommand(call, output));
    });
}
