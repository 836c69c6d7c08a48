import type { BackendChoice } from "../../../worker/contract/api.ts";
import type { Caption, CaptionQuestion } from "../../../worker/contract/caption.ts";
import { captionPictures } from "./caption-pictures.ts";
import { workOn } from "../output/file-failure.ts";
import { findImages } from "./find-images.ts";
import type { Output } from "../output/output.ts";
import { startSession } from "../../node/start-session.ts";
import { writeAnswers } from "../output/write-answers.ts";
import { expectWritable } from "../output/write-output.ts";

export type CaptionCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly question: CaptionQuestion;
  readonly output: string | null; // .csv or .json
};

/** Whoever knows such settings from Hugging Face's `generate`, where they need `do_sample`, may not have meant it. */
const UNSEEDED = "Words are drawn, not searched for with beams. They are those of --seed 0; another seed draws others.";

/** `patchlight caption`: one line per picture; a picture that fails has its own line and the rest goes on. */
export async function captionCommand(inputs: readonly string[], call: CaptionCall, output: Output): Promise<void> {
  if (call.output !== null) await workOn(call.output, expectWritable(call.output));
  const { sampling } = call.question;
  if (sampling && sampling.seed === undefined) console.error(UNSEEDED);
  const found = await findImages(inputs);
  const { session, model } = await startSession(call.model, call.backend);
  try {
    for (const { file, error } of found) if (error) output.failure(file, error);
    const pictures = found.flatMap(({ file, error }) => (error ? [] : [{ path: file }]));
    const described: Described[] = [];
    for await (const answers of captionPictures(session, pictures, { model: model.id, ...call.question })) {
      for (const { picture, ...answer } of answers) {
        if ("error" in answer) output.failure(picture.path, answer.error);
        else {
          described.push({ file: picture.path, model: model.name, caption: answer.caption });
          output.result(toLine(described.at(-1)!), describe(picture.path, answer.caption));
        }
      }
    }
    if (call.output !== null) await workOn(call.output, writeCaptions(call.output, described));
  } finally {
    session.dispose();
  }
}

type Described = { readonly file: string; readonly model: string; readonly caption: Caption };

const toLine = ({ file, model, caption: { text, words, score, others } }: Described) => ({
  file,
  model,
  caption: text,
  words: words.map(({ text, probability }) => ({ text, probability })),
  score,
  ...(others.length > 0 && { others: others.map(({ text, score }) => ({ caption: text, score })) }),
});

const describe = (file: string, { text, others }: Caption): string =>
  [`${file}: ${text}`, ...others.map((other) => `  ${other.score.toFixed(2)}  ${other.text}`)].join("\n");

function writeCaptions(path: string, described: readonly Described[]): Promise<void> {
  const rows = described.map(({ file, model, caption: { text, score, logProbability } }) => {
    return [file, text, score, Math.exp(logProbability), model];
  });
  const header = ["file", "caption", "score", "probability", "model"];
  return writeAnswers(path, { header, rows, lines: described.map(toLine) });
}
