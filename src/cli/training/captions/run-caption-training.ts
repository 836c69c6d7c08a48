import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { OpenedCaptionSplit } from "../../../../datasets/captions/open-caption-split.ts";
import { Device } from "../../../../worker/runtime/device/device.ts";
import { END, PAD, START, UNKNOWN } from "../../../../worker/text/vocabulary.ts";
import { captionLesson, type CaptionValidation } from "../../../../worker/training/captions/caption-lesson.ts";
import { initialCaptioner } from "../../../../worker/training/captions/initial-captioner.ts";
import { trainableCaptioner } from "../../../../worker/training/captions/trainable-captioner.ts";
import type { LearningRecipe } from "../../../../worker/training/recipe.ts";
import { STREAMS, streamOf } from "../../../../worker/training/streams.ts";
import { train, type Trained } from "../../../../worker/training/train.ts";
import { nodeBackends } from "../../../node/backends.ts";
import { workOn } from "../../output/file-failure.ts";
import type { Output } from "../../output/output.ts";
import { followTraining } from "../follow-training.ts";
import { openTrainingFolder } from "../training-folder.ts";
import { captionerFiles, type CaptionTrainingCall } from "./caption-files.ts";
import type { CaptionRecipe } from "./caption-recipe.ts";
import { lookAtAll, openSchool, type School } from "./caption-school.ts";

/** Trains a captioner as its recipe says and writes its folder; goes on where an earlier call was stopped. */
export async function runCaptionTraining(call: CaptionTrainingCall, output: Output): Promise<void> {
  const { recipe } = call;
  const school = await openSchool(recipe, call.data);
  const first = initialCaptioner(school.shape, streamOf(recipe.learning.seed, STREAMS.newModel));
  captionerFiles(call, school, first, null); // throws for what could not be written
  const plan = tellApart(recipe, school, first);
  const folder = await workOn(call.output, openTrainingFolder<CaptionValidation>(call.output, plan));
  const saved = await workOn(call.output, folder.readState());
  await workOn(call.output, folder.trimLog(saved && saved.progress));
  const device = await Device.open(call.backend, nodeBackends, () => undefined); // these backends cannot be lost
  let close = (): void => undefined;
  try {
    const { trained, parameters } = await device.run(async (pause) => {
      const { data, judge } = await lookAtAll(school, recipe, pause, output); // is kept: Ctrl-C may end it at any time
      const following = followTraining(folder, describeScore, output);
      close = following.close;
      const captioner = trainableCaptioner(school.shape, (name) => first.get(name)!);
      const tokens = { startToken: START, endToken: END, suppressed: [PAD, START, UNKNOWN] };
      const { captions, learning } = recipe;
      const lesson = captionLesson(
        captioner,
        tokens,
        { ...captions, ...learning, longest: captions.longest + 1 },
        judge,
      );
      const trained = await train({ lesson, data, recipe: learningOf(recipe), saved, pause, tell: following.tell });
      return { trained, parameters: await captioner.read() };
    });
    await workOn(call.output, folder.finish(captionerFiles(call, school, parameters, trained.best)));
    tellTrained(trained, call.output, output);
  } finally {
    close();
    device.close(); // and all that is on it
  }
}

const learningOf = ({ learning: { dropout, ...learning } }: CaptionRecipe): LearningRecipe => ({
  ...learning,
  layerDecay: 1,
  distillation: null,
  regularisation: { dropout, attentionDropout: 0, dropPath: 0 },
});

/** What a run that goes on must find as it was; where the model goes, and how precise it is there, may change. */
function tellApart(recipe: CaptionRecipe, school: School, first: ReadonlyMap<string, Float32Array>): unknown {
  const hash = createHash("sha256");
  for (const values of first.values()) hash.update(values);
  const said = (split: OpenedCaptionSplit | null): unknown =>
    split?.pictures.map(({ path, captions }) => [basename(path), captions]) ?? null;
  const { encoder, train, held } = school;
  const data = { train: said(train), held: said(held) };
  return { recipe: { ...recipe, output: null, dtype: null }, data, weights: [hash.digest("hex"), encoder.fingerprint] };
}

const describeScore = ({ score, loss }: CaptionValidation): string =>
  `CIDEr-D ${score.toFixed(4)}, loss ${loss.toFixed(4)}`;

function tellTrained({ epochs, best, stoppedEarly }: Trained<CaptionValidation>, folder: string, output: Output): void {
  const kept = best && { epoch: best.epoch, ...best.validation };
  const early = stoppedEarly ? ", stopped early as it got no better" : "";
  const chosen = best ? `; kept epoch ${best.epoch} with ${describeScore(best.validation)}` : "";
  const text = `${epochs} epochs${early}${chosen}. Written to ${folder}; use it with caption --model ${folder}`;
  output.result({ epochs, best: kept, stoppedEarly, output: folder }, text);
}
