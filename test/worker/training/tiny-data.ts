import type { Random } from "../../../worker/contract/random.ts";
import { streamOf } from "../../../worker/training/streams.ts";
import type { TrainingBatch, TrainingData } from "../../../worker/training/training-data.ts";
import { TINY_VIT } from "./tiny-models.ts";

const { classes } = TINY_VIT;

export const pause = (): Promise<void> => Promise.resolve();

/** A batch `[pictures, height, width, 3]`: noise, brighter in the channel and half of the picture that the class says. */
export function tinyBatch(pictures: number, random: Random, size = TINY_VIT.imageSize): TrainingBatch {
  const { width, height } = size;
  const pixels = new Float32Array(pictures * height * width * 3);
  const targets = new Float32Array(pictures * classes);
  for (let picture = 0; picture < pictures; picture++) {
    const label = picture % classes;
    targets[picture * classes + label] = 1;
    for (let at = 0; at < height * width * 3; at++) {
      const bright = at % 3 === label % 3 && at < (height * width * 3) / 2 === label < 3;
      pixels[picture * height * width * 3 + at] = 2 * random() - 1 + (bright ? 2 : 0);
    }
  }
  return { shape: [pictures, height, width, 3], pixels, targets };
}

async function* heldAside(size: typeof TINY_VIT.imageSize): AsyncGenerator<TrainingBatch> {
  for (const batch of [0, 1]) yield await Promise.resolve(tinyBatch(6, streamOf(99, batch), size));
}

/** Three batches of 10 an epoch, and 12 pictures held aside. */
export const tinyData = (size = TINY_VIT.imageSize): TrainingData => ({
  batchesPerEpoch: 3,
  batch: (epoch, index) => Promise.resolve(tinyBatch(10, streamOf(7, epoch, index), size)),
  validation: () => heldAside(size),
});
