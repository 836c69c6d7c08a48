import type { CAC } from "cac";
import { evalCaptionCommand } from "../evaluation/eval-caption.ts";
import { evalClassifyCommand } from "../evaluation/eval-classify.ts";
import { readCaptionQuestion, SEARCH_OPTIONS } from "./caption-options.ts";
import { attempt, DEFAULT_CAPTIONER, readCommonOptions } from "./common-options.ts";
import { asWritten, oneOf, optionName, readIfGiven, readOption, wholeFrom, type Options } from "./option-values.ts";
import { WrongCall } from "./wrong-call.ts";

const TASKS = ["classify", "caption"] as const;
type Task = (typeof TASKS)[number];

const CLASSIFY_OPTIONS = [
  ["--confusion <file>", "Write the confusion matrix as CSV"],
  ["--mistakes <n>", "How many of the worst mistakes to tell. Default 0"],
] as const;

/** Each task of `eval` has options of its own. */
const OWN_OPTIONS: Readonly<Record<Task, readonly (readonly [flag: string, about: string, ...unknown[]])[]>> = {
  classify: CLASSIFY_OPTIONS,
  caption: SEARCH_OPTIONS,
};

export function declareEvalCommand(cli: CAC): void {
  const command = cli
    .command("eval <task>", "Measure a model on a data set; task: classify or caption")
    .option(
      "--data <folder>",
      "Tiny-ImageNet, CIFAR-10 or -100 (binary), or an image folder (DIR/<split>/<class>/…); for captions Flickr8k or COCO",
    )
    .option("--split <split>", "Which part of it", { default: "val" })
    .action((text: string, options: Options) => {
      const task = oneOf(...TASKS)(text, "eval");
      refuseForeign(task, options);
      return { classify: evalClassify, caption: evalCaption }[task](options);
    });
  for (const task of TASKS) {
    for (const [flag, about] of OWN_OPTIONS[task]) command.option(flag, `${task}: ${about}`);
  }
}

const readPictures = (options: Options) => ({
  data: readOption(options, "--data", asWritten),
  split: readOption(options, "--split", asWritten),
});

function evalClassify(options: Options): Promise<number> {
  const call = {
    ...readCommonOptions(options),
    ...readPictures(options),
    confusion: readIfGiven(options, "--confusion", asWritten) ?? null,
    mistakes: readIfGiven(options, "--mistakes", wholeFrom(0)) ?? 0,
  };
  return attempt(options, call.model, (output) => evalClassifyCommand(call, output));
}

function evalCaption(options: Options): Promise<number> {
  const question = readCaptionQuestion(options);
  const call = { ...readCommonOptions(options, DEFAULT_CAPTIONER), ...readPictures(options), question };
  return attempt(options, call.model, (output) => evalCaptionCommand(call, output));
}

/** Another task's options are refused, not ignored. */
function refuseForeign(task: Task, options: Options): void {
  for (const other of TASKS) {
    if (other === task) continue;
    const foreign = OWN_OPTIONS[other].map(([flag]) => optionName(flag)).find((name) => options[name] !== undefined);
    if (foreign) throw new WrongCall(`eval ${task}: ${foreign} is an option of eval ${other}`);
  }
}
