import type { Prediction } from "../../../worker/contract/api.ts";
import type { LabelledPicture } from "../../../datasets/labelled-picture.ts";
import { isRight } from "../../../datasets/metrics/outcome.ts";
import { classifyPictures } from "../answers/classify-pictures.ts";
import { type FileOutcome, percent } from "./eval-report.ts";
import type { ClassMatch } from "./match-classes.ts";
import type { Output } from "../output/output.ts";
import { createProgressLine } from "../output/progress-line.ts";
import type { LoadedSession } from "../../node/start-session.ts";

const TOP = 5; // as far as the rank of the right class is looked for

/** Classifies every picture, telling how far it is. A picture that fails is told at once and has no outcome. */
export async function runSplit(
  pictures: readonly LabelledPicture[],
  { session, model }: LoadedSession,
  match: ClassMatch,
  output: Output,
): Promise<FileOutcome[]> {
  const progress = createProgressLine(process.stderr);
  const outcomes: FileOutcome[] = [];
  let [done, right] = [0, 0];
  for await (const answers of classifyPictures(session, pictures, { model: model.id, topK: TOP })) {
    for (const answer of answers) {
      if ("predictions" in answer) {
        const outcome = toOutcome(answer.picture, answer.predictions, match);
        outcomes.push(outcome);
        right += Number(isRight(outcome));
      } else {
        progress.clear();
        output.failure(answer.picture.path, answer.error);
      }
    }
    done += answers.length;
    const top1 = outcomes.length > 0 ? `, top-1 ${percent(right / outcomes.length)}` : "";
    progress.tell(done, `${done} of ${pictures.length} pictures${top1}`);
  }
  progress.clear();
  return outcomes;
}

function toOutcome(
  { path, classIndex }: LabelledPicture,
  predictions: readonly Prediction[],
  { ofModel, groups }: ClassMatch,
): FileOutcome {
  const answered = predictions.map(({ index }) => ofModel[index]!);
  const meant = groups.find((group) => group.includes(classIndex)) ?? [classIndex];
  return {
    file: path,
    truth: classIndex,
    predicted: answered[0]!,
    confidence: predictions[0]!.score,
    rank: rankOf([classIndex], answered),
    groupedRank: rankOf(meant, answered),
  };
}

function rankOf(classes: readonly number[], answered: readonly number[]): number {
  const rank = answered.findIndex((answer) => classes.includes(answer));
  return rank >= 0 ? rank : Infinity;
}
