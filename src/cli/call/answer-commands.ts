import type { CAC } from "cac";
import { EXPLAIN_METHODS } from "../../../worker/contract/explain-question.ts";
import { captionCommand } from "../answers/caption.ts";
import { classifyCommand } from "../answers/classify.ts";
import { explainCommand } from "../answers/explain.ts";
import { forwardCommand } from "../answers/forward.ts";
import { inspectCommand } from "../answers/inspect.ts";
import { readCaptionQuestion, RETURNED, SAMPLING_OPTIONS, SEARCH_OPTIONS } from "./caption-options.ts";
import { attempt, DEFAULT_CAPTIONER, readCommonOptions } from "./common-options.ts";
import { readExplainOptions } from "./explain-options.ts";
import { asWritten, fileEndingIn, readIfGiven, readOption, wholeFrom, type Options } from "./option-values.ts";

/** The commands that ask a model something about pictures, or about itself. */
export function declareAnswerCommands(cli: CAC): void {
  declareClassify(cli);
  declareCaption(cli);
  declareExplain(cli);
  declareForward(cli);
  declareInspect(cli);
}

function declareClassify(cli: CAC): void {
  cli
    .command("classify <...images>", "Say what is on pictures, or on all pictures in folders")
    .option("--top-k <k>", "How many classes to name", { default: 5 })
    .option("--output <file>", "Write all classes to a .csv or .json file as well")
    .action((images: string[], options: Options) => {
      const topK = readOption(options, "--top-k", wholeFrom(1));
      const call = { ...readCommonOptions(options), topK, output: readAnswersFile(options) };
      return attempt(options, call.model, (output) => classifyCommand(images, call, output));
    });
}

const readAnswersFile = (options: Options): string | null =>
  readIfGiven(options, "--output", fileEndingIn(".csv", ".json")) ?? null;

function declareCaption(cli: CAC): void {
  const caption = cli
    .command("caption <...images>", "Say in a sentence what is on pictures, or on all pictures in folders")
    .option("--output <file>", "Write all captions to a .csv or .json file as well")
    .action((images: string[], options: Options) => {
      const question = readCaptionQuestion(options);
      const call = { ...readCommonOptions(options, DEFAULT_CAPTIONER), question, output: readAnswersFile(options) };
      return attempt(options, call.model, (output) => captionCommand(images, call, output));
    });
  for (const [flag, about] of [...SEARCH_OPTIONS, RETURNED, ...SAMPLING_OPTIONS]) caption.option(flag, about);
}

function declareExplain(cli: CAC): void {
  cli
    .command("explain <image>", "Tell and draw where a model looked in a picture")
    .option("--output <file>", "map.png (the picture with the map over it), .json or .npy")
    .option("--method <method>", `${EXPLAIN_METHODS.join(", ")}; default: rollout, a CNN's module`)
    .option("--layer <n>", "raw, grad-cam: which layer, from 0; default: the last")
    .option("--head <head>", "raw: a head from 0, or mean, max, min; rollout, flow: mean, max, min")
    .option("--query <query>", "Whose attention: class, mean, or a cell (row * columns + column)")
    .option("--target <class>", "Class-specific methods: index or label; default: the model's answer")
    .option("--discard <share>", "Rollouts: the share of lowest weights left out, 0 to below 1")
    .option("--style <style>", "colours or mask", { default: "colours" })
    .option("--colours <map>", "viridis, magma, inferno, grey or coolwarm", { default: "viridis" })
    .action((image: string, options: Options) => {
      const call = { ...readCommonOptions(options), ...readExplainOptions(options) };
      return attempt(options, call.model, (output) => explainCommand(image, call, output));
    });
}

function declareForward(cli: CAC): void {
  cli
    .command("forward", "Run pixel_values of a safetensors file through a model")
    .option("--input <file>", "safetensors with pixel_values [B, 3, height, width]")
    .option("--output <file>", "safetensors to write logits [B, classes] to")
    .option("--attentions", "Write attentions.i [B, heads, N, N] as well")
    .option("--hidden-states", "Write hidden_states.i [B, N, D] as well, a CNN's [B, C, H, W]")
    .option("--interpolate", "Take another image size; a ViT interpolates its positions")
    .action((options: Options) => {
      const call = {
        ...readCommonOptions(options),
        input: readOption(options, "--input", asWritten),
        output: readOption(options, "--output", asWritten),
        attentions: options.attentions === true,
        hiddenStates: options.hiddenStates === true,
        interpolate: options.interpolate === true,
      };
      return attempt(options, call.model, (output) => forwardCommand(call, output));
    });
}

function declareInspect(cli: CAC): void {
  cli.command("inspect", "Tell what a checkpoint holds and what is wrong with it").action((options: Options) => {
    const { model } = readCommonOptions(options);
    return attempt(options, model, (output) => inspectCommand(model, output));
  });
}
