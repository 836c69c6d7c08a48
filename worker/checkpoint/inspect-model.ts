import { isAbortError, VisionError } from "../contract/errors.ts";
import { elementCount, type HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { vitParameterShapes } from "../models/vit/parameters.ts";
import { assemble, type Assembly, type Misshapen } from "./assemble.ts";
import { toHuggingFaceConfig } from "./config/describe-config.ts";
import { nameClasses } from "./config/labels.ts";
import { readFolderConfig, readRecipe, type FolderConfig } from "./config/read-folder-config.ts";
import { HEADS_UNKNOWN, settleVit, type SettledVit } from "./config/settle-vit.ts";
import { NOTHING_DECLARED } from "./config/vit-config.ts";
import { detectScheme, type FileNaming } from "./names/detect-scheme.ts";
import { unknownNames } from "./open-model.ts";
import { readWeights } from "./read-weights.ts";
import { describeFaults, type Problem } from "./refuse-faults.ts";
import { sumUp } from "./sum-up-tensors.ts";

/** All that can be told of a model folder, faulty or not. `null`: it could not be told. */
export type Inspection = {
  readonly type: "vit" | null;
  readonly source: string;
  readonly parameters: number | null; // numbers the model learns; for a faulty file, those it holds
  readonly tensors: number | null; // in the files
  readonly dtype: string | null;
  readonly config: Readonly<Record<string, unknown>> | null; // in Hugging Face's fields
  readonly labels: readonly string[];
  readonly scheme: string | null;
  readonly problems: readonly Problem[]; // faults of the files
  readonly notes: readonly string[]; // what the files leave open or do not need, for people
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
};

const NO_CONFIG: FolderConfig = { config: null, preprocessor: null, declared: NOTHING_DECLARED, page: null };
const MOST_LABELS = 100_000; // a faulty config may claim any number of classes
const NO_FAULTS = { missing: [], unexpected: [], misshapen: [], ignored: [] };
const NOTHING_TOLD = { config: null, labels: [], scheme: null, notes: [], ...NO_FAULTS };

/**
 * Reads a model folder as far as it can be read, past every problem. Heads that nothing tells are a note, not a problem:
 * weights alone are whole without them, though `openModel` needs them. Throws only an `AbortError`.
 */
export async function inspectModel(folder: ModelFolder, options?: CallOptions): Promise<Inspection> {
  const problems: Problem[] = [];
  const attempt: Attempt = async (step) => {
    try {
      return await step();
    } catch (error) {
      if (isAbortError(error)) throw error;
      problems.push(asProblem(error));
      return null;
    }
  };
  const files = await readFiles(folder, attempt, options);
  const tensors = await attempt(() => readWeights(folder, options));
  const fit = tensors && (await fitTogether(files, tensors, attempt));
  if (tensors && fit?.assembly) problems.push(...describeFaults(fit.assembly, fit.naming, [...tensors.keys()]));
  const unsupported = problems.some(({ code }) => code === "config-unsupported");
  return {
    type: fit && !unsupported ? "vit" : null,
    source: folder.origin,
    ...tellWeights(tensors, fit?.assembly?.ignored ?? []),
    ...(fit ? tellFit(fit, files) : NOTHING_TOLD),
    problems,
  };
}

/** Runs a step; a failure is noted among the problems and gives `null`. */
type Attempt = <Result>(step: () => Result | Promise<Result>) => Promise<Result | null>;

async function readFiles(folder: ModelFolder, attempt: Attempt, options?: CallOptions): Promise<FolderConfig> {
  const files = (await attempt(() => readFolderConfig(folder, options))) ?? NO_CONFIG;
  const { page } = files;
  if (page) await attempt(() => Promise.reject(page));
  return files;
}

/** How far config and weights could be brought together. */
type Fit = { readonly naming: FileNaming; readonly config: SettledVit | null; readonly assembly: Assembly | null };

async function fitTogether(files: FolderConfig, tensors: HostTensors, attempt: Attempt): Promise<Fit | null> {
  const naming = await attempt(() => detectScheme([...tensors.keys()]) ?? unknownNames(tensors));
  if (!naming) return null;
  const config = await attempt(() => settleVit(files.declared, naming, tensors));
  if (!config) return { naming, config, assembly: null };
  await attempt(() => readRecipe(files, config.imageSize, config.channels));
  const expected = vitParameterShapes({ ...config, heads: config.heads ?? 1 }); // no shape depends on the heads
  return { naming, config, assembly: assemble(expected, naming, tensors) };
}

function asProblem(error: unknown): Problem {
  if (error instanceof VisionError) return { code: error.code, message: error.message };
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}

function tellFit({ naming, config, assembly }: Fit, { declared }: FolderConfig) {
  const { missing, unexpected, misshapen, ignored } = assembly ?? NO_FAULTS;
  return {
    config: config && toHuggingFaceConfig(config),
    labels: config && config.classes <= MOST_LABELS ? nameClasses(declared.labels, config.classes) : [],
    scheme: naming.scheme.title,
    notes: [
      ...(config?.heads === null ? [HEADS_UNKNOWN] : []),
      ...ignored.map(({ name, reason }) => `${name} is ignored: ${reason}`),
    ],
    missing,
    unexpected,
    misshapen,
    ignored,
  };
}

function tellWeights(tensors: HostTensors | null, ignored: Inspection["ignored"]) {
  if (!tensors) return { parameters: null, tensors: null, dtype: null };
  const spare = new Set(ignored.map(({ name }) => name));
  const used = new Map([...tensors].filter(([name]) => !spare.has(name)));
  const parameters = [...used.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  return { parameters, tensors: tensors.size, dtype: sumUp(used).dtype };
}
