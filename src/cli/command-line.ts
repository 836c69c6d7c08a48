import { cac, type CAC } from "cac";
import packageJson from "../../package.json" with { type: "json" };
import type { BackendChoice } from "../../worker/contract/api.ts";
import { classifyCommand } from "./classify.ts";
import { evalClassifyCommand } from "./eval-classify.ts";
import { forwardCommand } from "./forward.ts";
import { inspectCommand } from "./inspect.ts";
import { createOutput, EXIT, type Output } from "./output.ts";

const DEFAULT_MODEL = "everyday-vit";
const BACKENDS: readonly BackendChoice[] = ["auto", "wasm", "cpu"];

/** The call itself is wrong, as against an input that fails. */
class WrongCall extends Error {}

type Options = Readonly<Record<string, unknown>>;

/** Runs one command line (`process.argv` as it is) and resolves to its exit code; see `EXIT`. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const output = createOutput(argv.includes("--json"));
  const cli = describeCommands(output);
  try {
    cli.parse([...argv], { run: false });
    if (cli.options.help || cli.options.version) return EXIT.done;
    if (!cli.matchedCommand) throw new WrongCall(unknownCommand(cli));
    await cli.runMatchedCommand();
    return output.exitCode;
  } catch (error) {
    if (!(error instanceof WrongCall) && !(error instanceof Error && error.name === "CACError")) throw error;
    console.error(`${error.message}\nSee patchlight --help.`);
    return EXIT.wrongCall;
  }
}

function describeCommands(output: Output): CAC {
  const cli = cac("patchlight");
  cli.option("--model <model>", "Folder, .safetensors file, embedded name, hf:owner/name or URL", {
    default: DEFAULT_MODEL,
  });
  cli.option("--backend <backend>", "auto, wasm or cpu", { default: "auto" });
  cli.option("--json", "Print one JSON object per line and nothing else");

  cli
    .command("classify <...images>", "Say what is on pictures, or on all pictures in folders")
    .option("--top-k <k>", "How many classes to name", { default: 5 })
    .action(async (images: string[], options: Options) => {
      const call = { ...common(options), topK: wholeNumber(options, "topK", "--top-k") };
      await attempt(output, call.model, () => classifyCommand(images, call, output));
    });

  cli
    .command("forward", "Run pixel_values of a safetensors file through a model")
    .option("--input <file>", "safetensors with pixel_values [B, 3, height, width]")
    .option("--output <file>", "safetensors to write logits [B, classes] to")
    .option("--attentions", "Write attentions.i [B, H, N, N] as well")
    .option("--hidden-states", "Write hidden_states.i [B, N, D] as well")
    .option("--interpolate", "Take another image size and interpolate the positions")
    .action(async (options: Options) => {
      const call = {
        ...common(options),
        input: text(options, "input"),
        output: text(options, "output"),
        attentions: options.attentions === true,
        hiddenStates: options.hiddenStates === true,
        interpolate: options.interpolate === true,
      };
      await attempt(output, call.model, () => forwardCommand(call, output));
    });

  cli.command("inspect", "Tell what a checkpoint holds and what is wrong with it").action(async (options: Options) => {
    const { model } = common(options);
    await attempt(output, model, () => inspectCommand(model, output));
  });

  cli
    .command("eval <task>", "Measure a model on a data set; task: classify")
    .option("--data <folder>", "An image folder (DIR/<split>/<class>/…) or Tiny-ImageNet")
    .option("--split <split>", "Which part of it", { default: "val" })
    .action(async (task: string, options: Options) => {
      if (task !== "classify") throw new WrongCall(`eval: expected classify, got ${task}`);
      const call = { ...common(options), data: text(options, "data"), split: text(options, "split") };
      await attempt(output, call.model, () => evalClassifyCommand(call, output));
    });

  cli.help();
  cli.version(packageJson.version);
  return cli;
}

/** What stops a whole command, such as a broken model, is told as a failure of the model. */
async function attempt(output: Output, model: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    output.failure(model, error);
  }
}

function common(options: Options): { model: string; backend: BackendChoice } {
  const backend = BACKENDS.find((name) => name === options.backend);
  if (!backend) throw new WrongCall(`--backend: expected ${BACKENDS.join(", ")}, got ${String(options.backend)}`);
  return { model: text(options, "model"), backend };
}

function text(options: Options, name: string): string {
  const value = options[name];
  if (typeof value === "string" || typeof value === "number") return String(value);
  throw new WrongCall(`--${name}: expected one value, got ${value === undefined ? "none" : JSON.stringify(value)}`);
}

function wholeNumber(options: Options, name: string, flag: string): number {
  const value = options[name];
  if (typeof value === "number" && Number.isInteger(value) && value >= 1) return value;
  throw new WrongCall(`${flag}: expected a whole number from 1, got ${JSON.stringify(value)}`);
}

const unknownCommand = ({ args }: CAC): string =>
  args[0] === undefined ? "Expected a command: classify, forward, inspect or eval." : `Unknown command: ${args[0]}`;
