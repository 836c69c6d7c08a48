import type { BackendChoice, ModelInfo } from "../../worker/contract/api.ts";
import { VisionError } from "../../worker/contract/errors.ts";
import { readImageFolder } from "../../datasets/image-folder.ts";
import type { LabelledSplit } from "../../datasets/labelled-picture.ts";
import { readTinyImagenet } from "../../datasets/tiny-imagenet.ts";
import type { Output } from "./output.ts";
import { readPicture } from "./read-picture.ts";
import { startSession } from "./start-session.ts";

export type EvalCall = {
  readonly model: string;
  readonly backend: BackendChoice;
  readonly data: string; // an image folder or Tiny-ImageNet
  readonly split: string;
};

const TOP = 5;
const REPORT_EVERY = 500; // pictures

/** `patchlight eval classify`: how often the right class is first, and among the first five. */
export async function evalClassifyCommand(call: EvalCall, output: Output): Promise<void> {
  const split = await readSplit(call);
  const { session, model } = await startSession(call.model, call.backend);
  try {
    const indices = modelIndices(split, model);
    let [n, top1, top5] = [0, 0, 0];
    for (const { path, classIndex } of split.pictures) {
      try {
        const [answer] = await session.classify([await readPicture(path)], { model: model.id, topK: TOP });
        const rank = answer!.predictions.findIndex(({ index }) => index === indices[classIndex]);
        n += 1;
        top1 += Number(rank === 0);
        top5 += Number(rank >= 0);
      } catch (error) {
        output.failure(path, error);
      }
      if (n % REPORT_EVERY === 0) console.error(`${n} of ${split.pictures.length}: top-1 ${percent(top1 / n)}`);
    }
    output.result(
      { n, top1: top1 / n, top5: top5 / n },
      `${n} pictures: top-1 ${percent(top1 / n)}, top-5 ${percent(top5 / n)}`,
    );
  } finally {
    session.dispose();
  }
}

async function readSplit({ data, split }: EvalCall): Promise<LabelledSplit> {
  const found: LabelledSplit = await readTinyImagenet(data, split)
    .then((tiny) => tiny ?? readImageFolder(data, split))
    .catch((cause: unknown) => {
      throw new VisionError("source-not-found", `--data ${data} --split ${split}: ${(cause as Error).message}`, {
        cause,
      });
    });
  if (found.pictures.length > 0) return found;
  throw new VisionError("source-not-found", `--data ${data} --split ${split}: expected pictures, found none`);
}

/** The model's class of each of the data set's: by name where the model knows all the names, else by position. */
function modelIndices({ classes }: LabelledSplit, { labels, name }: ModelInfo): number[] {
  const byName = classes.map((label) => labels.indexOf(label));
  if (byName.every((index) => index >= 0)) return byName;
  if (classes.length === labels.length) return classes.map((_, index) => index);
  throw new VisionError("invalid-argument", `${name} has ${labels.length} classes, the data set ${classes.length}`);
}

const percent = (share: number): string => `${(share * 100).toFixed(2)} %`;
