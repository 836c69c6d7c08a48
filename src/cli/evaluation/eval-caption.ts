import type { BackendChoice } from "../../../worker/contract/api.ts";
import type { CaptionQuestion } from "../../../worker/contract/caption.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { openCaptionSplit, type OpenedCaptionSplit } from "../../../datasets/captions/open-caption-split.ts";
import { bootstrapInterval, mean } from "../../../datasets/metrics/bootstrap.ts";
import { corpusBleu } from "../../../datasets/metrics/captions/bleu.ts";
import { ciderD } from "../../../datasets/metrics/captions/cider-d.ts";
import type { JudgedCaption } from "../../../datasets/metrics/captions/judged-caption.ts";
import { meteorExactStem } from "../../../datasets/metrics/captions/meteor-exact-stem.ts";
import { rougeL } from "../../../datasets/metrics/captions/rouge-l.ts";
import { tokenizeCaption } from "../../../datasets/metrics/captions/tokenize-caption.ts";
import { nameSome } from "../../../datasets/name-some.ts";
import { captionPictures } from "../answers/caption-pictures.ts";
import { FileFailure, workOn } from "../output/file-failure.ts";
import type { Output } from "../output/output.ts";
import { createProgressLine } from "../output/progress-line.ts";
import { startSession, type LoadedSession } from "../../node/start-session.ts";
import { tellUnpacking } from "../output/tell-unpacking.ts";

export type EvalCaptionCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly data: string; // a folder or archive in one of the layouts that `openCaptionSplit` knows
  readonly split: string;
  readonly question: CaptionQuestion;
};

/** `patchlight eval caption`: how near the best sentence about each picture comes to what people wrote of it. */
export async function evalCaptionCommand(call: EvalCaptionCall, output: Output): Promise<void> {
  const { data } = call;
  const split = await workOn(data, openCaptionSplit(data, call.split, { onProgress: tellUnpacking() }));
  const { layout, split: name, pictures, skipped } = split;
  if (skipped.length > 0)
    console.error(`Left out: ${nameSome(skipped.map(({ name, reason }) => `${name} (${reason})`))}`);
  const loaded = await startSession(call.model, call.backend);
  try {
    const begin = performance.now();
    const judged = await judgeSplit(split, loaded, call.question, output);
    const seconds = Math.round(performance.now() - begin) / 1000;
    if (judged.length === 0) throw new FileFailure(data, noneLeft(split));
    const failed = pictures.length - judged.length;
    const numbers = summarise(judged);
    const line = { ...numbers, seconds, layout, split: name, failed, skipped: skipped.length };
    const asked = `${loaded.model.name} on ${data} (${layout}, ${name}): ${judged.length} pictures, ${failed} failed`;
    output.result(line, `${asked}\n${describe(numbers)}\n  time        ${seconds.toFixed(1)} s`);
  } finally {
    loaded.session.dispose();
  }
}

/** A picture that fails is told at once, and not judged. */
async function judgeSplit(
  { pictures }: OpenedCaptionSplit,
  { session, model }: LoadedSession,
  question: CaptionQuestion,
  output: Output,
): Promise<JudgedCaption[]> {
  const progress = createProgressLine(process.stderr, 100);
  const judged: JudgedCaption[] = [];
  let done = 0;
  const request = { model: model.id, alternatives: 0, ...question };
  for await (const answers of captionPictures(session, pictures, request)) {
    for (const { picture, ...answer } of answers) {
      if ("caption" in answer) {
        const references = picture.captions.map(tokenizeCaption);
        judged.push({ candidate: tokenizeCaption(answer.caption.text), references });
      } else {
        progress.clear();
        output.failure(picture.path, answer.error);
      }
    }
    done += answers.length;
    progress.tell(done, `${done} of ${pictures.length} pictures`);
  }
  progress.clear();
  return judged;
}

/** The numbers of the result line, 0…1, CIDEr-D 0…10; intervals cover 95 %. */
function summarise(judged: readonly JudgedCaption[]) {
  const [rouge, cider] = [rougeL(judged), ciderD(judged)];
  return {
    n: judged.length,
    bleu: corpusBleu(judged),
    rougeL: mean(rouge),
    ciderD: mean(cider),
    meteorExactStem: mean(meteorExactStem(judged)),
    rougeLInterval: bootstrapInterval(rouge),
    ciderDInterval: bootstrapInterval(cider),
  };
}

function describe({ bleu, rougeL, ciderD, meteorExactStem, ...intervals }: ReturnType<typeof summarise>): string {
  const number = (value: number): string => value.toFixed(4);
  const range = (interval: readonly number[]): string => `  (95 % interval ${interval.map(number).join(" to ")})`;
  return [
    ...bleu.map((value, at) => `  BLEU-${at + 1}      ${number(value)}`),
    `  ROUGE-L     ${number(rougeL)}${range(intervals.rougeLInterval)}`,
    `  CIDEr-D     ${number(ciderD)}${range(intervals.ciderDInterval)}`,
    `  METEOR, exact and stem form alone  ${number(meteorExactStem)}`,
  ].join("\n");
}

const noneLeft = ({ pictures }: OpenedCaptionSplit): VisionError =>
  new VisionError("source-unsupported", `pictures: expected some that can be told of, all ${pictures.length} failed`);
