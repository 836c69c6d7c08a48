import { createHash } from "node:crypto";
import { relative } from "node:path";
import type { PackedSplit } from "../../../datasets/pack/read-packed.ts";
import type { OpenedSplit } from "../../../datasets/open-split.ts";
import { Device } from "../../../worker/runtime/device/device.ts";
import type { Validation } from "../../../worker/training/evaluate.ts";
import type { RunState } from "../../../worker/training/run-state.ts";
import { pictureLesson } from "../../../worker/training/picture-lesson.ts";
import { STREAMS, streamOf } from "../../../worker/training/streams.ts";
import { train, type Trained } from "../../../worker/training/train.ts";
import { workOn } from "../output/file-failure.ts";
import { nodeBackends } from "../../node/backends.ts";
import type { Output } from "../output/output.ts";
import { followTraining } from "./follow-training.ts";
import { openTeacher, placeTeacher, type OpenedTeacher } from "./load-teacher.ts";
import { packPictures } from "./pack-pictures.ts";
import { packedTrainingData } from "./packed-training-data.ts";
import type { Recipe } from "./recipe-file.ts";
import { startModel } from "./start-model.ts";
import { firstValues, placeTrainable, type StartingModel } from "./starting-model.ts";
import type { TrainingCall } from "./training-call.ts";
import { openTrainingFolder, type TrainingFolder } from "./training-folder.ts";
import { openTrainingPictures, type TrainingPictures } from "./training-pictures.ts";
import { describeTrained, trainedFiles } from "./write-trained.ts";

/**
 * Trains as a recipe says and writes the model; goes on where an earlier call of the same recipe was stopped. Whatever
 * can be refused is refused before the first update.
 */
export async function runTraining(call: TrainingCall, output: Output): Promise<void> {
  const { recipe, data } = call;
  const { seed } = recipe.learning;
  const pictures = await workOn(data, openTrainingPictures(data, recipe.data, seed));
  const start = await startModel(recipe.model, pictures.train, streamOf(seed, STREAMS.newModel));
  const teacher = recipe.teacher === null ? null : await openTeacher(recipe.teacher, start);
  const first = firstValues(start);
  trainedFiles(call, start, pictures, { best: null, parameters: first }); // throws for what could not be written
  const plan = tellApart(recipe, pictures, fingerprint(first, teacher));
  const folder = await workOn(call.output, openTrainingFolder(call.output, plan));
  const saved = await workOn(call.output, folder.readState());
  const packed = await workOn(data, packPictures(pictures.train, folder.pictures, recipe.data.side, start, output));
  await workOn(call.output, folder.trimLog(saved && saved.progress));
  const trained = await learn(call, { pictures, start, teacher, packed, folder, saved }, output);
  await workOn(call.output, folder.finish(trainedFiles(call, start, pictures, trained)));
  const { epochs, best, stoppedEarly } = trained;
  const kept = best && { epoch: best.epoch, ...best.validation };
  output.result({ epochs, best: kept, stoppedEarly, output: call.output }, describeTrained(trained, call.output));
}

type Prepared = {
  readonly pictures: TrainingPictures;
  readonly start: StartingModel;
  readonly teacher: OpenedTeacher | null;
  readonly packed: PackedSplit;
  readonly folder: TrainingFolder;
  readonly saved: RunState | null;
};

type Learned = Trained & { readonly parameters: ReadonlyMap<string, Float32Array> };

async function learn({ recipe, backend }: TrainingCall, prepared: Prepared, output: Output): Promise<Learned> {
  const { start, teacher, folder, saved } = prepared;
  const { learning } = recipe;
  const device = await Device.open(backend, nodeBackends, () => undefined); // these backends cannot be lost
  const { tell, close } = followTraining(folder, describeGuesses, output);
  try {
    return await device.run(async (pause) => {
      const placed = teacher && (await placeTeacher(teacher, pause));
      const model = placeTrainable(start, recipe.adapt, streamOf(learning.seed, STREAMS.adapters));
      const data = dataOf(prepared, recipe, output);
      const lesson = pictureLesson(model, learning, placed);
      const trained = await train({ lesson, data, recipe: learning, saved, pause, tell });
      return { ...trained, parameters: await model.read() };
    });
  } finally {
    close();
    device.close(); // and all that is on it
  }
}

const dataOf = ({ packed, pictures, start }: Prepared, recipe: Recipe, output: Output) =>
  packedTrainingData({
    packed,
    validation: pictures.validation?.pictures ?? null,
    settings: recipe,
    seed: recipe.learning.seed,
    imageSize: start.config.imageSize,
    imageRecipe: start.recipe,
    onBadPicture: tellOnce(output),
  });

const describeGuesses = ({ top1 }: Validation): string => `right at first guess: ${(100 * top1).toFixed(1)} %`;

/** What a run that goes on must find as it was; where the model goes, and how precise it is there, may change. */
function tellApart(recipe: Recipe, { train, validation }: TrainingPictures, weights: string): unknown {
  const sources = ({ layout, split, root, pictures }: OpenedSplit): unknown => [
    layout,
    split,
    pictures.map(({ path, classIndex }) => [relative(root, path), classIndex]),
  ];
  const data = { classes: train.classes, train: sources(train), validation: validation && sources(validation) };
  return { recipe: { ...recipe, output: null, dtype: null }, data, weights };
}

/** Of the numbers that a run starts from. */
function fingerprint(first: ReadonlyMap<string, Float32Array>, teacher: OpenedTeacher | null): string {
  const hash = createHash("sha256");
  for (const values of first.values()) hash.update(values);
  for (const { bytes } of teacher?.opened.parameters.values() ?? []) hash.update(bytes);
  return hash.digest("hex");
}

/** Once for each picture, not at every epoch. */
function tellOnce(output: Output): (file: string, error: unknown) => void {
  const told = new Set<string>();
  return (file, error) => {
    if (!told.has(file)) output.failure(file, error);
    told.add(file);
  };
}
