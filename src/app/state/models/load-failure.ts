import type { ModelInput } from "../../../index.ts";
import { isWeights } from "../../intake/sort-files.ts";
import { describeFailure, type Failure } from "../failure.ts";
import { folderOf } from "./model-choices.ts";

/** A failure to load what was given, in words that fit how it was given: typed, or as files. */
export const describeLoadFailure = (error: unknown, given: ModelInput): Failure => {
  const source = folderOf(given);
  const failure = describeFailure(error);
  if (failure.code === "source-not-found" && typeof source === "object" && !(source instanceof URL))
    return { ...failure, ...NOT_ALL };
  if (failure.code === "source-network" && isOffline()) return { ...failure, ...NOT_KEPT };
  if (failure.code !== "source-unsupported") return failure;
  if (typeof source === "string") return ADDRESS.test(source) ? failure : { ...failure, ...NO_ADDRESS };
  if (source instanceof URL || [...source].some(({ name }) => isWeights(name))) return failure;
  return { ...failure, ...NO_WEIGHTS };
};

const ADDRESS = /^(?:https?:\/\/|hf:)\S+$/;

const NOT_ALL = { title: "A file of this model is missing.", advice: "Give all files of its folder." };
const NOT_KEPT = {
  title: "This browser does not keep that model.",
  advice: "It needs a network once. Models that were loaded before work without.",
};
const NO_ADDRESS = { title: "That is not an address.", advice: "Type hf:owner/name, or the URL of a model folder." };
const NO_WEIGHTS = {
  title: "The weights are missing.",
  advice: "Give the file of weights together with config.json.",
};

/** Where nobody tells, there may be a network. */
const isOffline = (): boolean => (globalThis.navigator as Navigator | undefined)?.onLine === false;

/** True where the same model may load the next time: the network or the worker was at fault, not the model. */
export const isPassing = ({ code }: Failure): boolean => PASSING.has(code);

const PASSING: ReadonlySet<string> = new Set([
  "source-network",
  "source-truncated",
  "source-checksum",
  "worker-crashed",
  "context-lost",
  "out-of-memory",
]);
