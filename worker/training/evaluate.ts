import { argMax, equal, sum, tidy } from "@tensorflow/tfjs-core";
import type { Pause } from "../contract/turns.ts";
import { takeScalars } from "../layers/take-values.ts";
import { crossEntropy } from "./losses.ts";
import { placeBatch } from "./place-batch.ts";
import { EVALUATION, type TrainableModel } from "./trainable-model.ts";
import type { TrainingBatch } from "./training-data.ts";

export type Validation = {
  readonly pictures: number;
  readonly loss: number; // mean cross-entropy, nats
  readonly top1: number; // share of first guesses that are right, 0 to 1
};

/** The model as it stands on batches of pictures, null if there are none; `pause` is awaited after every batch. */
export async function evaluate(
  model: TrainableModel,
  batches: AsyncIterable<TrainingBatch>,
  pause: Pause,
): Promise<Validation | null> {
  let [pictures, loss, right] = [0, 0, 0];
  for await (const batch of batches) {
    const answers = tidy(() => {
      const { images, targets } = placeBatch(batch);
      const logits = model.logits(images, EVALUATION); // [B, classes]
      return [crossEntropy(logits, targets), sum(equal(argMax(logits, -1), argMax(targets, -1)))];
    });
    const size = batch.shape[0];
    const [mean, correct] = (await takeScalars(answers)) as [number, number];
    loss += mean * size;
    right += correct;
    pictures += size;
    await pause();
  }
  return pictures === 0 ? null : { pictures, loss: loss / pictures, top1: right / pictures };
}
