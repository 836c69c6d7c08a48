import type { CAC } from "cac";
import type { BackendChoice } from "../../../worker/contract/api.ts";
import { FileFailure } from "../output/file-failure.ts";
import { createOutput, type Output } from "../output/output.ts";
import { asWritten, oneOf, readIfGiven, readOption, type Options } from "./option-values.ts";

const DEFAULT_MODEL = "everyday-vit";
export const DEFAULT_CAPTIONER = "everyday-captioner";

/** The options of every command. */
export function declareCommonOptions(cli: CAC): void {
  const models = `default: ${DEFAULT_MODEL}, for captions ${DEFAULT_CAPTIONER}`;
  cli.option("--model <model>", `Folder, file of weights, embedded name, hf:owner/name or URL; ${models}`);
  cli.option("--backend <backend>", "auto, wasm or cpu", { default: "auto" });
  cli.option("--json", "Print one JSON object per line and nothing else");
}

export const readCommonOptions = (options: Options, model = DEFAULT_MODEL) => ({
  model: readIfGiven(options, "--model", asWritten) ?? model,
  backend: readOption(options, "--backend", oneOf<BackendChoice>("auto", "wasm", "cpu")),
});

/**
 * Does what a command was asked for, and resolves to the exit code. What stops a whole command, such as a broken model, is
 * told as a failure of `subject`, or of the file that it was a failure of.
 */
export async function attempt(
  options: Options,
  subject: string,
  work: (output: Output) => Promise<void>,
): Promise<number> {
  const output = createOutput(options.json === true);
  try {
    await work(output);
  } catch (error) {
    if (error instanceof FileFailure) output.failure(error.file, error.cause);
    else output.failure(subject, error);
  }
  return output.exitCode;
}
