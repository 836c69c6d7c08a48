import { createRandom } from "../../../../worker/contract/random.ts";
import type { CaptionBatch, CaptionTask, SpecialTokens } from "../../../../worker/training/captions/caption-batch.ts";
import type { CaptionJudge, CaptionLearning, Said } from "../../../../worker/training/captions/caption-lesson.ts";
import type { CaptionerShape } from "../../../../worker/training/captions/captioner-shape.ts";
import { initialCaptioner } from "../../../../worker/training/captions/initial-captioner.ts";
import {
  trainableCaptioner,
  type TrainableCaptioner,
} from "../../../../worker/training/captions/trainable-captioner.ts";
import type { TrainingData } from "../../../../worker/training/training-data.ts";

/** Ids: <pad> <start> <end> <unk>, then a, beside, red, green, blue. */
export const TOKENS: SpecialTokens = { startToken: 1, endToken: 2, suppressed: [0, 1, 3] };
const [A, BESIDE, RED] = [4, 5, 6];

const COLOURS = 3;
const [PLACES, WIDTH] = [2, COLOURS + 1];

export const PICTURES = COLOURS ** 2;

/** Two squares of colours: "a red beside a blue". */
export function captionOf(picture: number): number[] {
  return [A, RED + Math.floor(picture / COLOURS), BESIDE, A, RED + (picture % COLOURS)];
}

/** [L, C]: each place says its colour, and the second that it is the second. */
function featuresOf(picture: number): number[] {
  const colours = [Math.floor(picture / COLOURS), picture % COLOURS];
  return colours.flatMap((colour, place) => [
    ...Array.from({ length: COLOURS }, (_, at) => Number(at === colour)),
    place,
  ]);
}

export function batchOf(pictures: readonly number[], task: CaptionTask): CaptionBatch {
  const features = Float32Array.from(pictures.flatMap(featuresOf));
  return { shape: [pictures.length, PLACES, WIDTH], features, pictures, task };
}

const ALL = Array.from({ length: PICTURES }, (_, picture) => picture);

export const given = (own = 0): CaptionTask => ({ kind: "given", captions: ALL.map(captionOf), own });

/** `taught` epochs of given words, then epochs by reward; the pictures held aside are the same, once for each of two captions. */
export const tinyCaptions = (taught: number, batches: number, own = 0): TrainingData<CaptionBatch> => ({
  batchesPerEpoch: batches,
  batch: (epoch) => Promise.resolve(batchOf(ALL, epoch < taught ? given(own) : { kind: "rewarded" })),
  async *validation() {
    const twice = ALL.flatMap((picture) => [picture, picture]);
    yield batchOf(twice, { kind: "given", captions: twice.map(captionOf), own: 0 });
  },
});

export const isRight = ({ picture, words }: Said): boolean =>
  words.join() === [...captionOf(picture), TOKENS.endToken].join();

/** Words that stand where they should; of all, the share of right sentences. */
export const JUDGE: CaptionJudge = {
  reward: ({ picture, words }) => captionOf(picture).filter((word, at) => words[at] === word).length,
  score: (said) => said.filter(isRight).length / said.length,
};

export const PLAIN: CaptionLearning = {
  labelSmoothing: 0,
  dropout: 0,
  lookEverywhere: 0,
  samples: 3,
  baseline: "others",
  longest: 7,
};

export const SHAPES: Record<CaptionerShape["kind"], CaptionerShape> = {
  recurrent: {
    kind: "recurrent",
    config: {
      vocabularySize: 9,
      featureSize: WIDTH,
      embeddingSize: 8,
      hiddenSize: 16,
      alignmentSize: 8,
      alignment: "dot",
      output: "deep",
    },
  },
  transformer: {
    kind: "transformer",
    config: {
      vocabularySize: 9,
      memorySize: WIDTH,
      hiddenSize: 16,
      layers: 1,
      heads: 2,
      intermediateSize: 16,
      activation: "relu",
      layerNormEpsilon: 1e-5,
      normOrder: "pre",
      positions: "learned",
      maxPositions: 8,
      tiedOutput: false,
    },
  },
};

export function freshCaptioner(kind: CaptionerShape["kind"]): TrainableCaptioner {
  const values = initialCaptioner(SHAPES[kind], createRandom(3));
  return trainableCaptioner(SHAPES[kind], (name) => values.get(name)!);
}
