import { inShuffledOrder } from "../../../../datasets/epochs.ts";
import { shuffle } from "../../../../worker/contract/draw.ts";
import type { Random } from "../../../../worker/contract/random.ts";
import type { CaptionBatch, CaptionTask } from "../../../../worker/training/captions/caption-batch.ts";
import { STREAMS, streamOf } from "../../../../worker/training/streams.ts";
import type { TrainingData } from "../../../../worker/training/training-data.ts";
import type { KeptFeatures } from "./kept-features.ts";
import type { CaptionRecipe } from "./caption-recipe.ts";

/** Pictures as the encoder sees them, and their captions in tokens, without start and end. */
export type TokenPictures = { readonly features: KeptFeatures; readonly captions: readonly (readonly number[][])[] };

type Pair = { readonly picture: number; readonly words: readonly number[] };

const SORTED_BATCHES = 20; // sorted by length together, so that little of a batch is padding

/**
 * Batches of captions, then in the recipe's last epochs of pictures whose sentences are rewarded; as many batches of
 * either, and of a rewarded one so many pictures that their samples are a batch.
 */
export function captionTrainingData(
  train: TokenPictures,
  held: TokenPictures | null,
  { data: { batch }, captions, learning: { epochs, seed } }: CaptionRecipe,
): TrainingData<CaptionBatch> {
  const pairs = pairsOf(train);
  const size = Math.min(batch, pairs.length);
  const perEpoch = Math.floor(pairs.length / size); // captions of a last, smaller batch come up in another epoch
  const pictures = Math.max(1, Math.floor(size / captions.samples));
  const orderOf = inShuffledOrder(train.captions.length);
  let latest: { readonly epoch: number; readonly batches: readonly (readonly Pair[])[] } | null = null;
  return {
    batchesPerEpoch: perEpoch,
    async batch(epoch, index) {
      if (epoch >= epochs - captions.rewarded) {
        const order = orderOf(streamOf(seed, STREAMS.order, epoch));
        const chosen = Array.from({ length: pictures }, (_, at) => order[(index * pictures + at) % order.length]!);
        return batchOf(train, chosen, { kind: "rewarded" });
      }
      if (latest?.epoch !== epoch)
        latest = { epoch, batches: pairBatches(pairs, size, streamOf(seed, STREAMS.order, epoch)) };
      const { rise, most } = captions.ownWords;
      return givenBatch(train, latest.batches[index]!, Math.min(most, rise * epoch));
    },
    validation: held && (() => heldBatches(held, size)),
  };
}

const pairsOf = ({ captions }: TokenPictures): Pair[] =>
  captions.flatMap((all, picture) => all.map((words) => ({ picture, words })));

/** All pairs once, but for a rest, in batches of captions of about one length. */
function pairBatches(pairs: readonly Pair[], size: number, random: Random): readonly (readonly Pair[])[] {
  const order = shuffle(pairs, random);
  const sorted: Pair[] = [];
  for (let at = 0; at < order.length; at += SORTED_BATCHES * size) {
    const together = order.slice(at, at + SORTED_BATCHES * size);
    sorted.push(...together.sort((a, b) => a.words.length - b.words.length));
  }
  const count = Math.floor(sorted.length / size);
  const batches = Array.from({ length: count }, (_, index) => sorted.slice(index * size, (index + 1) * size));
  return shuffle(batches, random);
}

/** Every caption of every picture held aside; those of one picture side by side. */
async function* heldBatches(held: TokenPictures, size: number): AsyncGenerator<CaptionBatch> {
  let rows: Pair[] = [];
  for (const [picture, all] of held.captions.entries()) {
    rows.push(...all.map((words) => ({ picture, words })));
    if (rows.length < size) continue;
    yield await givenBatch(held, rows, 0);
    rows = [];
  }
  if (rows.length > 0) yield await givenBatch(held, rows, 0);
}

const givenBatch = (from: TokenPictures, pairs: readonly Pair[], own: number): Promise<CaptionBatch> =>
  batchOf(
    from,
    pairs.map(({ picture }) => picture),
    { kind: "given", captions: pairs.map(({ words }) => words), own },
  );

async function batchOf(
  { features }: TokenPictures,
  pictures: readonly number[],
  task: CaptionTask,
): Promise<CaptionBatch> {
  const { places, width, read } = features;
  const values = new Float32Array(pictures.length * places * width);
  const rows = await Promise.all(pictures.map(read));
  for (const [at, row] of rows.entries()) values.set(row, at * places * width);
  return { shape: [pictures.length, places, width], features: values, pictures, task };
}
