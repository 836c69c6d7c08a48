import { mean } from "../../../../datasets/metrics/bootstrap.ts";
import { ciderD, countDocuments } from "../../../../datasets/metrics/captions/cider-d.ts";
import { tokenizeCaption } from "../../../../datasets/metrics/captions/tokenize-caption.ts";
import type { CaptionedPicture } from "../../../../datasets/captions/captioned-picture.ts";
import { END, splitWords, type readVocabulary } from "../../../../worker/text/vocabulary.ts";
import type { CaptionJudge } from "../../../../worker/training/captions/caption-lesson.ts";

/**
 * CIDEr-D of what is said. Of pictures to learn from it counts the end of a sentence as a word, and the documents of all
 * of them: a sentence that stops short is worth less (Rennie et al. 2017). Those held aside are judged as `eval caption` does.
 */
export function captionJudge(
  tokenizer: ReturnType<typeof readVocabulary>,
  words: readonly string[],
  train: readonly CaptionedPicture[],
  held: readonly CaptionedPicture[],
): CaptionJudge {
  const known = train.map(({ captions }) => captions.map((caption) => [...splitWords(caption), words[END]!]));
  const frequency = countDocuments(known);
  return {
    reward: ({ picture, words: said }) => {
      const candidate = said.map((token) => words[token]!);
      return ciderD([{ candidate, references: known[picture]! }], frequency)[0]!;
    },
    score: (said) =>
      mean(
        ciderD(
          said.map(({ picture, words: sentence }) => ({
            candidate: tokenizeCaption(tokenizer.decode(sentence)),
            references: held[picture]!.captions.map(tokenizeCaption),
          })),
        ),
      ),
  };
}
