import { isAbortError, VisionError } from "../contract/errors.ts";
import type { HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import type { Misshapen } from "./assemble.ts";
import { NO_CONFIG_FILE, type DeclaredModel } from "./config/declared-model.ts";
import { readFolderConfig, type FolderConfig } from "./config/read-folder-config.ts";
import { fitModel, type Attempt, type Fit } from "./fit-model.ts";
import { readSpeech } from "./read-speech.ts";
import { openWeights } from "./read-weights.ts";
import { describeFaults, type Problem } from "./refuse-faults.ts";
import { sumUp } from "./sum-up-tensors.ts";

/** All that can be told of a model folder, faulty or not. `null`: it could not be told. */
export type Inspection = {
  readonly type: DeclaredModel["type"] | null;
  readonly source: string;
  readonly parameters: number | null; // numbers the model learns; for a faulty file, those it holds
  readonly tensors: number | null; // in the files
  readonly dtype: string | null;
  readonly config: Readonly<Record<string, unknown>> | null; // in the fields of a config.json
  readonly labels: readonly string[];
  readonly labelGroups: readonly (readonly number[])[]; // classes that mean one thing to people
  readonly scheme: string | null;
  readonly problems: readonly Problem[]; // faults of the files
  readonly notes: readonly string[]; // what the files leave open or do not need, for people
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
  readonly ignored: readonly { readonly name: string; readonly reason: string }[];
};

const NO_CONFIG: FolderConfig = {
  config: null,
  preprocessor: null,
  model: NO_CONFIG_FILE,
  assumedLabels: [],
  page: null,
};
const NO_FAULTS = { missing: [], unexpected: [], misshapen: [], ignored: [] };
const NOTHING_TOLD = { config: null, labels: [], labelGroups: [], scheme: null, notes: [], ...NO_FAULTS };

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
  const tensors = await attempt(() => openWeights(folder, options, (tensors) => tensors));
  const fit = tensors && (await fitModel(files, tensors, attempt));
  if (tensors && fit?.assembly) problems.push(...describeFaults(fit.assembly, fit.names, [...tensors.keys()]));
  const unsupported = problems.some(({ code }) => code === "config-unsupported");
  return {
    type: fit && !unsupported ? fit.type : null,
    source: folder.origin,
    ...tellWeights(tensors, fit?.assembly?.ignored ?? []),
    ...(fit ? tellFit(fit) : NOTHING_TOLD),
    problems,
  };
}

async function readFiles(folder: ModelFolder, attempt: Attempt, options?: CallOptions): Promise<FolderConfig> {
  const files = (await attempt(() => readFolderConfig(folder, options))) ?? NO_CONFIG;
  const { page, model } = files;
  if (page) await attempt(() => Promise.reject(page));
  if (model.type === "captioner") await attempt(() => readSpeech(folder, model.declared, options));
  return files;
}

function asProblem(error: unknown): Problem {
  if (error instanceof VisionError) return { code: error.code, message: error.message };
  return { code: "internal", message: error instanceof Error ? error.message : String(error) };
}

function tellFit({ names, config, labels, labelGroups, notes, assembly }: Fit) {
  const { missing, unexpected, misshapen, ignored } = assembly ?? NO_FAULTS;
  return {
    config,
    labels,
    labelGroups,
    scheme: names.title,
    notes: [...notes, ...ignored.map(({ name, reason }) => `${name} is ignored: ${reason}`)],
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
  const { learned, dtype } = sumUp(used);
  return { parameters: learned, tensors: tensors.size, dtype };
}
