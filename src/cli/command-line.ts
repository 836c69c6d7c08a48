import { cac, type CAC } from "cac";
import packageJson from "../../package.json" with { type: "json" };
import type { BackendChoice } from "../../worker/contract/api.ts";
import { captionCommand, readCaptionsPath } from "./caption.ts";
import { optionName, readCaptionQuestion, RETURNED, SAMPLING_OPTIONS, SEARCH_OPTIONS } from "./caption-options.ts";
import { classifyCommand } from "./classify.ts";
import { EXPLAIN_METHODS } from "../../worker/contract/explain-question.ts";
import { evalCaptionCommand } from "./eval-caption.ts";
import { evalClassifyCommand } from "./eval-classify.ts";
import { FileFailure } from "./file-failure.ts";
import { explainCommand } from "./explain.ts";
import { readExplainOptions } from "./explain-options.ts";
import { forwardCommand } from "./forward.ts";
import { inspectCommand } from "./inspect.ts";
import { createOutput, EXIT, type Output } from "./output.ts";
import { readWords } from "./read-words.ts";
import { fineTuneCommand, trainCommand } from "./training/train-commands.ts";
import { WrongCall } from "./wrong-call.ts";

const DEFAULT_MODEL = "everyday-vit";
const DEFAULT_CAPTIONER = "everyday-captioner";
const BACKENDS: readonly BackendChoice[] = ["auto", "wasm", "cpu"];

type Options = Readonly<Record<string, unknown>>;

/** Runs one command line (`process.argv` as it is) and resolves to its exit code; see `EXIT`. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const cli = describeCommands();
  try {
    readWords(cli, argv.slice(2));
    if (cli.options.help || cli.options.version) {
      if (cli.options.help) cli.outputHelp();
      else cli.outputVersion();
      return EXIT.done;
    }
    if (!cli.matchedCommand) throw new WrongCall(unknownCommand(cli));
    return await (cli.runMatchedCommand() as Promise<number>);
  } catch (error) {
    if (!(error instanceof WrongCall) && !(error instanceof Error && error.name === "CACError")) throw error;
    console.error(`${error.message}\nSee patchlight --help.`);
    return EXIT.wrongCall;
  }
}

/** Every action resolves to the exit code. */
function describeCommands(): CAC {
  const cli = cac("patchlight");
  const models = `default: ${DEFAULT_MODEL}, for captions ${DEFAULT_CAPTIONER}`;
  cli.option("--model <model>", `Folder, file of weights, embedded name, hf:owner/name or URL; ${models}`);
  cli.option("--backend <backend>", "auto, wasm or cpu", { default: "auto" });
  cli.option("--json", "Print one JSON object per line and nothing else");

  cli
    .command("classify <...images>", "Say what is on pictures, or on all pictures in folders")
    .option("--top-k <k>", "How many classes to name", { default: 5 })
    .action(async (images: string[], options: Options) => {
      const call = { ...common(options), topK: wholeNumber(options, "topK", "--top-k") };
      return attempt(options, call.model, (output) => classifyCommand(images, call, output));
    });

  const caption = cli
    .command("caption <...images>", "Say in a sentence what is on pictures, or on all pictures in folders")
    .option("--output <file>", "Write all captions to a .csv or .json file as well")
    .action(async (images: string[], options: Options) => {
      const question = readCaptionQuestion(options);
      const path = options.output === undefined ? null : readCaptionsPath(text(options, "output"));
      const call = { ...common(options, DEFAULT_CAPTIONER), question, output: path };
      return attempt(options, call.model, (output) => captionCommand(images, call, output));
    });
  for (const [flag, about] of [...SEARCH_OPTIONS, RETURNED, ...SAMPLING_OPTIONS]) caption.option(flag, about);

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
    .action(async (image: string, options: Options) => {
      const call = { ...common(options), ...readExplainOptions(options) };
      return attempt(options, call.model, (output) => explainCommand(image, call, output));
    });

  cli
    .command("forward", "Run pixel_values of a safetensors file through a model")
    .option("--input <file>", "safetensors with pixel_values [B, 3, height, width]")
    .option("--output <file>", "safetensors to write logits [B, classes] to")
    .option("--attentions", "Write attentions.i [B, heads, N, N] as well")
    .option("--hidden-states", "Write hidden_states.i [B, N, D] as well, a CNN's [B, C, H, W]")
    .option("--interpolate", "Take another image size; a ViT interpolates its positions")
    .action(async (options: Options) => {
      const call = {
        ...common(options),
        input: text(options, "input"),
        output: text(options, "output"),
        attentions: options.attentions === true,
        hiddenStates: options.hiddenStates === true,
        interpolate: options.interpolate === true,
      };
      return attempt(options, call.model, (output) => forwardCommand(call, output));
    });

  cli.command("inspect", "Tell what a checkpoint holds and what is wrong with it").action(async (options: Options) => {
    const { model } = common(options);
    return attempt(options, model, (output) => inspectCommand(model, output));
  });

  const evaluate = cli
    .command("eval <task>", "Measure a model on a data set; task: classify or caption")
    .option(
      "--data <folder>",
      "Tiny-ImageNet, CIFAR-10 or -100 (binary), or an image folder (DIR/<split>/<class>/…); for captions Flickr8k or COCO",
    )
    .option("--split <split>", "Which part of it", { default: "val" })
    .option("--confusion <file>", "classify: write the confusion matrix as CSV")
    .option("--mistakes <n>", "classify: how many of the worst mistakes to tell", { default: 0 })
    .action(async (task: string, options: Options) => {
      expectOptionsOf(task, options);
      if (task === "caption") {
        const asked = { data: text(options, "data"), split: text(options, "split") };
        const call = { ...common(options, DEFAULT_CAPTIONER), ...asked, question: readCaptionQuestion(options) };
        return attempt(options, call.model, (output) => evalCaptionCommand(call, output));
      }
      const call = {
        ...common(options),
        data: text(options, "data"),
        split: text(options, "split"),
        confusion: options.confusion === undefined ? null : text(options, "confusion"),
        mistakes: wholeNumber(options, "mistakes", "--mistakes", 0),
      };
      return attempt(options, call.model, (output) => evalClassifyCommand(call, output));
    });
  for (const [flag, about] of SEARCH_OPTIONS) evaluate.option(flag, `caption: ${about}`);

  cli
    .command("train", "Train a model as a recipe file says; run again, it goes on where it was stopped")
    .option("--recipe <file>", "JSON; recipes/README.md lists all settings")
    .option("--data <folder>", "In place of the recipe's data.path")
    .option("--output <folder>", "In place of the recipe's output")
    .action(async (options: Options) => {
      const { backend } = common(options);
      const call = {
        backend,
        recipe: text(options, "recipe"),
        data: options.data === undefined ? null : text(options, "data"),
        output: options.output === undefined ? null : text(options, "output"),
      };
      return attempt(options, call.recipe, (output) => trainCommand(call, output));
    });

  cli
    .command("fine-tune", "Teach a model other classes from a folder with a folder of pictures for each")
    .option("--data <folder>", "DIR/<class>/…picture, or a data set or archive as eval takes it")
    .option("--output <folder>", "New folder for the model, in Hugging Face's layout")
    .option("--adapt <what>", "What learns: head, all, last-K (blocks) or lora-RANK", { default: "head" })
    .option("--epochs <n>", "Times that every picture comes up", { default: 10 })
    .option("--rate <rate>", "Highest learning rate; default: 0.003, for all and last-K 0.001")
    .option("--batch <n>", "Pictures to an update", { default: 32 })
    .option("--seed <n>", "Of order, crops and what is held aside", { default: 1 })
    .action(async (options: Options) => {
      const call = {
        ...common(options),
        data: text(options, "data"),
        output: text(options, "output"),
        adapt: text(options, "adapt"),
        epochs: wholeNumber(options, "epochs", "--epochs"),
        rate: options.rate === undefined ? null : positiveNumber(options, "rate"),
        batch: wholeNumber(options, "batch", "--batch"),
        seed: wholeNumber(options, "seed", "--seed", 0),
      };
      return attempt(options, call.model, (output) => fineTuneCommand(call, output));
    });

  cli.help();
  cli.version(packageJson.version);
  return cli;
}

/** What stops a whole command, such as a broken model, is told as a failure of the model or of the file it was. */
async function attempt(options: Options, model: string, work: (output: Output) => Promise<void>): Promise<number> {
  const output = createOutput(options.json === true);
  try {
    await work(output);
  } catch (error) {
    if (error instanceof FileFailure) output.failure(error.file, error.cause);
    else output.failure(model, error);
  }
  return output.exitCode;
}

/** Each task of `eval` has options of its own; another's are refused, not ignored. */
function expectOptionsOf(task: string, options: Options): void {
  const own = {
    classify: { confusion: options.confusion, mistakes: options.mistakes === 0 ? undefined : options.mistakes },
    caption: Object.fromEntries(SEARCH_OPTIONS.map(([flag]) => [optionName(flag), options[optionName(flag)]])),
  };
  if (!Object.hasOwn(own, task)) throw new WrongCall(`eval: expected classify or caption, got ${task}`);
  const foreign = Object.entries(own)
    .filter(([other]) => other !== task)
    .flatMap(([other, settings]) => Object.entries(settings).map(([name, value]) => ({ other, name, value })))
    .find(({ value }) => value !== undefined);
  if (foreign) throw new WrongCall(`eval ${task}: ${foreign.name} is an option of eval ${foreign.other}`);
}

function common(options: Options, model = DEFAULT_MODEL): { model: string; backend: BackendChoice } {
  const backend = BACKENDS.find((name) => name === options.backend);
  if (!backend) throw new WrongCall(`--backend: expected ${BACKENDS.join(", ")}, got ${String(options.backend)}`);
  return { model: options.model === undefined ? model : text(options, "model"), backend };
}

function text(options: Options, name: string): string {
  const value = options[name];
  if (typeof value === "string" && value !== "") return value;
  throw new WrongCall(`--${name}: expected one value, got ${value === undefined ? "none" : JSON.stringify(value)}`);
}

function wholeNumber(options: Options, name: string, flag: string, from = 1): number {
  const value = String(options[name]);
  const number = /^\d+$/.test(value) ? Number(value) : NaN;
  if (Number.isSafeInteger(number) && number >= from) return number;
  throw new WrongCall(`${flag}: expected a whole number from ${from}, got ${value}`);
}

function positiveNumber(options: Options, name: string): number {
  const value = String(options[name]);
  const number = value.trim() === "" ? NaN : Number(value);
  if (Number.isFinite(number) && number > 0) return number;
  throw new WrongCall(`--${name}: expected a number above 0, got ${value}`);
}

const unknownCommand = ({ args }: CAC): string =>
  args[0] === undefined
    ? "Expected a command: classify, caption, explain, forward, inspect, eval, train or fine-tune."
    : `Unknown command: ${args[0]}`;
