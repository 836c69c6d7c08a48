import type { CaptionedPicture } from "../../../../datasets/captions/captioned-picture.ts";
import { openCaptionSplit, type OpenedCaptionSplit } from "../../../../datasets/captions/open-caption-split.ts";
import { nameSome } from "../../../../datasets/name-some.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import type { Pause } from "../../../../worker/contract/turns.ts";
import { buildVocabulary, readVocabulary, writeVocabulary } from "../../../../worker/text/vocabulary.ts";
import type { CaptionerShape } from "../../../../worker/training/captions/captioner-shape.ts";
import { workOn } from "../../output/file-failure.ts";
import type { Output } from "../../output/output.ts";
import { tellUnpacking } from "../../output/tell-unpacking.ts";
import { openCaptionEncoder, type CaptionEncoder, type Look } from "./caption-encoder.ts";
import { captionJudge } from "./caption-judge.ts";
import type { CaptionRecipe } from "./caption-recipe.ts";
import { captionTrainingData, type TokenPictures } from "./caption-training-data.ts";
import { decoderShape } from "./decoder-shape.ts";
import { keepFeatures } from "./kept-features.ts";

/** All that is read before the first update. */
export type School = {
  readonly encoder: CaptionEncoder;
  readonly shape: CaptionerShape;
  readonly words: readonly string[];
  readonly train: OpenedCaptionSplit;
  readonly held: OpenedCaptionSplit | null;
};

/** What a data set cannot use is told. Throws what the readers and `openCaptionEncoder` throw, and `training-data`. */
export async function openSchool({ model, data: said, captions }: CaptionRecipe, data: string): Promise<School> {
  const open = (split: string): Promise<OpenedCaptionSplit> =>
    workOn(data, openCaptionSplit(data, split, { onProgress: tellUnpacking() }));
  const train = await open(said.train);
  const held = said.validation === null ? null : await open(said.validation);
  for (const { split, skipped } of held ? [train, held] : [train]) {
    const names = skipped.map(({ name, reason }) => `${name} (${reason})`);
    if (names.length > 0) console.error(`Left out of ${split}: ${nameSome(names)}`);
  }
  const encoder = await openCaptionEncoder(model.encoder, model.pooling);
  const words = buildVocabulary(
    train.pictures.flatMap((picture) => picture.captions),
    model.minimum,
  );
  return {
    encoder,
    shape: decoderShape(model, words.length, encoder.shape.width, captions.longest + 1),
    words,
    train,
    held,
  };
}

/** Features of every picture, and what is said of each in tokens. */
export async function lookAtAll(school: School, recipe: CaptionRecipe, pause: Pause, output: Output) {
  const { encoder, words, train, held } = school;
  const tokenizer = readVocabulary(writeVocabulary(words));
  const { look, release } = await encoder.place(pause);
  const see = async (pictures: readonly CaptionedPicture[], from: Look) => {
    const paths = pictures.map(({ path }) => path);
    const onBadPicture = (path: string, error: unknown): void => output.failure(path, error);
    const { features, kept } = await keepFeatures(paths, encoder, from, { onBadPicture, pause });
    const seen = kept.map((at) => pictures[at]!);
    const inTokens = seen.map(({ captions }) =>
      captions.map((caption) => tokenizer.encode(caption).slice(0, recipe.captions.longest)),
    );
    const told: TokenPictures = { features, captions: inTokens };
    return { seen, told };
  };
  try {
    const learned = await see(train.pictures, look);
    const aside = held && (await see(held.pictures, look));
    if (learned.seen.length === 0) {
      throw new VisionError("training-data", "pictures: wanted some that can be read, got none");
    }
    return {
      data: captionTrainingData(learned.told, aside && aside.told, recipe),
      judge: captionJudge(tokenizer, words, learned.seen, aside?.seen ?? []),
    };
  } finally {
    release();
  }
}
