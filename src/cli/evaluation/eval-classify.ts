import { access, constants, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { BackendChoice } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { emptyClasses } from "../../../datasets/class-counts.ts";
import { toCsv } from "../../../datasets/csv.ts";
import { nameSome } from "../../../datasets/name-some.ts";
import { openSplit, type OpenedSplit } from "../../../datasets/open-split.ts";
import { describeRefusal } from "../../node/describe-refusal.ts";
import { confusionTable, describe, type Measured, summarise, summariseGrouped, tellMistakes } from "./eval-report.ts";
import { FileFailure, workOn } from "../output/file-failure.ts";
import { matchClasses } from "./match-classes.ts";
import type { Output } from "../output/output.ts";
import { runSplit } from "./run-split.ts";
import { startSession } from "../../node/start-session.ts";
import { tellLeftOut } from "../output/tell-left-out.ts";
import { tellUnpacking } from "../output/tell-unpacking.ts";

export type EvalCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly data: string; // a folder or archive in one of the layouts that `openSplit` knows
  readonly split: string;
  readonly confusion: string | null; // CSV file to write the confusion matrix to
  readonly mistakes: number; // how many of the worst to tell
};

/** `patchlight eval classify`: how often the right class is first, and among the first five, and how sure that is. */
export async function evalClassifyCommand(call: EvalCall, output: Output): Promise<void> {
  const split = await workOn(call.data, openSplit(call.data, call.split, { onProgress: tellUnpacking() }));
  tellLeftOut(split);
  if (call.confusion !== null) await workOn(call.confusion, expectFolderOf(call.confusion));
  const loaded = await startSession(call.model, call.backend);
  try {
    const match = matchClasses(split.classes, loaded.model);
    const empty = tellEmptyClasses(split);
    const begin = performance.now();
    const outcomes = await runSplit(split.pictures, loaded, match, output);
    const seconds = (performance.now() - begin) / 1000;
    if (outcomes.length === 0) throw new FileFailure(call.data, noneLeft(split));
    const { labels, groups } = match;
    const measured = { outcomes, labels, groups, classes: split.classes.length, seconds };
    if (call.confusion !== null) await writeConfusion(call.confusion, measured, output);
    const mistakes = tellMistakes(measured, call.mistakes);
    const { layout, split: name } = split;
    const failed = split.pictures.length - outcomes.length;
    const about = { classesBy: match.by, layout, split: name, failed, emptyClasses: empty };
    const numbers = { ...summarise(measured), ...summariseGrouped(measured) };
    const line = { ...numbers, ...about, ...(call.mistakes > 0 ? { mistakes } : {}) };
    const asked = `${loaded.model.name} on ${call.data} (${layout}, ${name})`;
    const counts = `${line.n} pictures of ${measured.classes} classes, matched by ${match.by}, ${failed} failed`;
    output.result(line, `${asked}: ${counts}\n${describe(measured, mistakes)}`);
  } finally {
    loaded.session.dispose();
  }
}

/** A class without a picture counts as one, but says nothing about the model. */
function tellEmptyClasses(split: OpenedSplit): string[] {
  const empty = emptyClasses(split);
  if (empty.length > 0) console.error(`Classes without a picture: ${nameSome(empty)}`);
  return empty;
}

const noneLeft = ({ pictures }: OpenedSplit): VisionError =>
  new VisionError(
    "source-unsupported",
    `pictures: expected some that can be classified, all ${pictures.length} failed`,
  );

/** Told before minutes of work, not after. */
async function expectFolderOf(file: string): Promise<void> {
  await access(dirname(file), constants.W_OK).catch((cause: unknown) => {
    const message = `--confusion: expected a file in a folder that can be written to, got ${describeRefusal(cause)}`;
    throw new VisionError("invalid-argument", message, { cause });
  });
}

/** Where it cannot be written the numbers are told all the same. */
async function writeConfusion(file: string, measured: Measured, output: Output): Promise<void> {
  await writeFile(file, toCsv(confusionTable(measured))).catch((error: unknown) => output.failure(file, error));
}
