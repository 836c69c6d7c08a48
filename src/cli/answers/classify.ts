import type { BackendChoice, ModelInfo, Prediction } from "../../../worker/contract/api.ts";
import { groupPredictions } from "../../../worker/contract/group-predictions.ts";
import { readPicture } from "../../node/read-picture.ts";
import { startSession } from "../../node/start-session.ts";
import type { Output } from "../output/output.ts";
import { findImages } from "./find-images.ts";

export type ClassifyCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly topK: number;
};

/** `patchlight classify`: one line per picture; a picture that fails has its own line and the rest goes on. */
export async function classifyCommand(inputs: readonly string[], call: ClassifyCall, output: Output): Promise<void> {
  const found = await findImages(inputs);
  const { session, model } = await startSession(call.model, call.backend);
  try {
    for (const { file, error } of found) {
      try {
        if (error) throw error;
        const [answer] = await session.classify([await readPicture(file)], { model: model.id, topK: call.topK });
        const { predictions } = answer!;
        output.result({ file, model: model.name, predictions }, describe(file, predictions, model.labelGroups));
      } catch (error) {
        output.failure(file, error);
      }
    }
  } finally {
    session.dispose();
  }
}

const describe = (file: string, predictions: readonly Prediction[], groups: ModelInfo["labelGroups"]): string =>
  [
    file,
    ...predictions.map(({ label, score }) => `  ${percent(score).padStart(7)}  ${label}`),
    ...groupPredictions(predictions, groups).map(({ label, score }) => `  ${label}: ${percent(score)} together`),
  ].join("\n");

const percent = (score: number): string => `${(score * 100).toFixed(1)} %`;
