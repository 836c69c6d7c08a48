import { readFile } from "node:fs/promises";
import { augment } from "../../../datasets/augment/augment.ts";
import { cutMix } from "../../../datasets/augment/cutmix.ts";
import { mixUp } from "../../../datasets/augment/mixup.ts";
import { inBalancedOrder, inShuffledOrder } from "../../../datasets/epochs.ts";
import type { LabelledPicture } from "../../../datasets/labelled-picture.ts";
import type { PackedSplit } from "../../../datasets/pack/read-packed.ts";
import type { Size } from "../../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../../worker/contract/pixels.ts";
import type { Random } from "../../../worker/contract/random.ts";
import { normalise } from "../../../worker/image/normalise.ts";
import { preprocess } from "../../../worker/image/preprocess.ts";
import { STREAMS, streamOf } from "../../../worker/training/streams.ts";
import type { TrainingBatch, TrainingData } from "../../../worker/training/training-data.ts";
import { decodeWithSharp } from "../../node/decode.ts";
import type { Recipe } from "./recipe-file.ts";

export type TrainingSource = {
  readonly packed: PackedSplit;
  readonly validation: readonly LabelledPicture[] | null;
  readonly settings: Pick<Recipe, "data" | "augment" | "mix">;
  readonly seed: number;
  readonly imageSize: Size;
  readonly imageRecipe: ImageRecipe;
  /** A picture kept aside cannot be read; it is left out. */
  readonly onBadPicture: (file: string, error: unknown) => void;
};

/** Batches of packed pictures, augmented and mixed as the recipe says; what is held aside as the model will see it. */
export function packedTrainingData(source: TrainingSource): TrainingData {
  const { packed, settings, seed } = source;
  const size = Math.min(settings.data.batch, packed.length);
  const orderOf =
    settings.data.order === "balanced" ? inBalancedOrder(packed.classIndices) : inShuffledOrder(packed.length);
  let latest: { readonly epoch: number; readonly order: readonly number[] } | null = null;
  return {
    batchesPerEpoch: Math.floor(packed.length / size), // pictures of a last, smaller batch come up in another epoch
    async batch(epoch, index) {
      if (latest?.epoch !== epoch) latest = { epoch, order: orderOf(streamOf(seed, STREAMS.order, epoch)) };
      const rows = latest.order.slice(index * size, (index + 1) * size);
      return readBatch(rows, source, streamOf(seed, STREAMS.pictures, epoch, index));
    },
    validation: source.validation && (() => heldBatches(source.validation!, source)),
  };
}

async function readBatch(rows: readonly number[], source: TrainingSource, random: Random): Promise<TrainingBatch> {
  const { packed, settings, imageSize, imageRecipe } = source;
  const { width, height } = imageSize;
  const shape = [rows.length, height, width, 3] as const;
  const pixels = new Float32Array(rows.length * height * width * 3);
  const read = await Promise.all(rows.map((row) => packed.read(row)));
  for (const [at, row] of read.entries()) {
    const picture = augment(row.pixels, settings.augment, random, imageSize);
    pixels.set(normalise(picture.data, imageRecipe), at * height * width * 3);
  }
  const classes = read.map(({ classIndex }) => classIndex);
  const plain = { shape, pixels, targets: oneHot(classes, packed.classes.length) };
  return mixed(plain, settings.mix, random);
}

/** Where both kinds are asked for, each batch gets one of them. */
function mixed(batch: TrainingBatch, { mixup, cutmix }: Recipe["mix"], random: Random): TrainingBatch {
  if (mixup > 0 && (cutmix === 0 || random() < 0.5)) return mixUp(batch, mixup, random);
  return cutmix > 0 ? cutMix(batch, cutmix, random) : batch;
}

function oneHot(classes: readonly number[], count: number): Float32Array {
  const targets = new Float32Array(classes.length * count);
  for (const [at, index] of classes.entries()) targets[at * count + index] = 1;
  return targets;
}

/** Pictures kept aside, each exactly as `classify` would see it. */
async function* heldBatches(
  pictures: readonly LabelledPicture[],
  { settings, packed, imageRecipe, imageSize, onBadPicture }: TrainingSource,
): AsyncGenerator<TrainingBatch> {
  const { width, height } = imageSize;
  for (let at = 0; at < pictures.length; at += settings.data.batch) {
    const seen: { pixels: Float32Array; classIndex: number }[] = [];
    for (const picture of pictures.slice(at, at + settings.data.batch)) {
      try {
        const image = picture.pixels?.() ?? (await decodeWithSharp(await readFile(picture.path)));
        seen.push({ pixels: preprocess(image, imageRecipe).pixels, classIndex: picture.classIndex });
      } catch (error) {
        onBadPicture(picture.path, error);
      }
    }
    if (seen.length === 0) continue;
    const pixels = new Float32Array(seen.length * height * width * 3);
    seen.forEach((picture, row) => pixels.set(picture.pixels, row * height * width * 3));
    const classes = packed.classes.length;
    const targets = oneHot(
      seen.map(({ classIndex }) => classIndex),
      classes,
    );
    yield { shape: [seen.length, height, width, 3], pixels, targets };
  }
}
