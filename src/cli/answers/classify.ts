import type { BackendChoice, ModelInfo, Prediction } from "../../../worker/contract/api.ts";
import { groupPredictions } from "../../../worker/contract/group-predictions.ts";
import { readPicture } from "../../node/read-picture.ts";
import { startSession } from "../../node/start-session.ts";
import { workOn } from "../output/file-failure.ts";
import type { Output } from "../output/output.ts";
import { writeAnswers } from "../output/write-answers.ts";
import { expectWritable } from "../output/write-output.ts";
import { findImages } from "./find-images.ts";

export type ClassifyCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly topK: number;
  readonly output: string | null; // .csv or .json
};

/** `patchlight classify`: one line per picture; a picture that fails has its own line and the rest goes on. */
export async function classifyCommand(inputs: readonly string[], call: ClassifyCall, output: Output): Promise<void> {
  if (call.output !== null) await workOn(call.output, expectWritable(call.output));
  const found = await findImages(inputs);
  const { session, model } = await startSession(call.model, call.backend);
  try {
    const classified: Classified[] = [];
    for (const { file, error } of found) {
      try {
        if (error) throw error;
        const [answer] = await session.classify([await readPicture(file)], { model: model.id, topK: call.topK });
        const { predictions } = answer!;
        classified.push({ file, model: model.name, predictions });
        output.result(classified.at(-1)!, describe(file, predictions, model.labelGroups));
      } catch (error) {
        output.failure(file, error);
      }
    }
    if (call.output !== null) await workOn(call.output, writeClasses(call.output, classified));
  } finally {
    session.dispose();
  }
}

type Classified = { readonly file: string; readonly model: string; readonly predictions: readonly Prediction[] };

/** In the table a row for each class, the likeliest of a picture first. */
function writeClasses(path: string, classified: readonly Classified[]): Promise<void> {
  const rows = classified.flatMap(({ file, model, predictions }) =>
    predictions.map(({ index, label, score }, at) => [file, at + 1, index, label, score, model]),
  );
  return writeAnswers(path, { header: ["file", "rank", "index", "label", "score", "model"], rows, lines: classified });
}

const describe = (file: string, predictions: readonly Prediction[], groups: ModelInfo["labelGroups"]): string =>
  [
    file,
    ...predictions.map(({ label, score }) => `  ${percent(score).padStart(7)}  ${label}`),
    ...groupPredictions(predictions, groups).map(({ label, score }) => `  ${label}: ${percent(score)} together`),
  ].join("\n");

const percent = (score: number): string => `${(score * 100).toFixed(1)} %`;
