import { createHash } from "node:crypto";
import { access, appendFile, constants, mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../../datasets/write-whole.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { Validation } from "../../../worker/training/evaluate.ts";
import type { RunProgress, RunState } from "../../../worker/training/run-state.ts";
import type { TrainingEvent } from "../../../worker/training/train.ts";
import { describeRefusal } from "../../node/describe-refusal.ts";
import { encodeRun, readSavedRun } from "./saved-run.ts";

/** What a run keeps beside its model until it is done. */
export type TrainingFolder<Judged = Validation> = {
  readonly pictures: string; // folder of the packed pictures
  /** The state to go on from; null for a new run. Throws `training-state` for another run's. */
  readonly readState: () => Promise<RunState<Judged> | null>;
  readonly writeState: (state: RunState<Judged>) => Promise<void>;
  /** One line of the log, which stays. */
  readonly log: (event: TrainingEvent<Judged>) => Promise<void>;
  /** Drops the lines of the log behind a state: what they tell comes again. Null drops all. */
  readonly trimLog: (progress: RunProgress<Judged> | null) => Promise<void>;
  /** Writes the model's files and removes what only the run needed. */
  readonly finish: (files: ReadonlyMap<string, Uint8Array>) => Promise<void>;
};

const LOG = "training-log.jsonl";
const WORK = "training"; // beside the model's files, gone at the end
const STATE = "state.safetensors";

/** What a finished training writes or would stand beside. */
const MODEL_FILE = /^(README\.md|(preprocessor_)?config\.json|vocabulary\.json|.*\.safetensors(\.index\.json)?)$/;

/**
 * Opens `output` for the run that `plan` describes (anything that JSON can hold). Throws `invalid-argument` for a folder
 * that cannot be written, or with files in it that a model's would replace.
 */
export async function openTrainingFolder<Judged = Validation>(
  output: string,
  plan: unknown,
): Promise<TrainingFolder<Judged>> {
  await expectRoom(output);
  const work = join(output, WORK);
  try {
    await mkdir(work, { recursive: true });
    await access(work, constants.W_OK);
  } catch (cause) {
    throw new VisionError("invalid-argument", `--output: it cannot be written: ${describeRefusal(cause)}`, { cause });
  }
  const run = createHash("sha256").update(JSON.stringify(plan)).digest("hex");
  const [state, log] = [join(work, STATE), join(output, LOG)];
  return {
    pictures: join(work, "pictures"),
    readState: () => readSavedRun(state, run),
    writeState: (now) => writeWhole(state, encodeRun(now, run)),
    log: (event) => appendFile(log, `${JSON.stringify(event)}\n`),
    trimLog: (progress) => trimLog(log, progress),
    async finish(files) {
      for (const [name, bytes] of files) await writeWhole(join(output, name), bytes);
      await rm(work, { recursive: true, force: true });
    },
  };
}

/** A run that was stopped while it wrote its model may find its own files. */
async function expectRoom(output: string): Promise<void> {
  const files = await readdir(output).catch((): string[] => []);
  const taken = files.find((file) => MODEL_FILE.test(file));
  if (taken === undefined || files.includes(WORK)) return;
  throw new VisionError("invalid-argument", `--output: wanted a new folder, got one with ${taken}; choose another`);
}

async function trimLog(path: string, progress: RunProgress<unknown> | null): Promise<void> {
  const text = await readFile(path, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1); // behind the last line's end is nothing, or a line cut short by a kill
  const kept = lines.filter((line) => progress && isBefore(JSON.parse(line) as TrainingEvent<unknown>, progress));
  await writeWhole(path, kept.map((line) => `${line}\n`).join(""));
}

/** A state may lie between the last update of an epoch and its end. */
const isBefore = (event: TrainingEvent<unknown>, { epoch, updates }: RunProgress<unknown>): boolean =>
  event.kind === "update" ? event.update <= updates : event.epoch <= epoch;
