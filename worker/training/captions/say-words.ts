import { dispose, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Random } from "../../contract/random.ts";
import type { CaptionDecoder } from "../../models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../models/captioner/decoder-state.ts";
import type { Forced, Rows, SpecialTokens } from "./caption-batch.ts";

type Decoder = CaptionDecoder<DecoderState>;

/** logits of one row `[V]` → a token. */
export type Choose = (logits: Float32Array) => number;

/** What a decoder says of features `[B, L, C]`, which stay the caller's, one word after another. */
async function step(
  decoder: Decoder,
  features: Tensor3D,
  first: readonly number[],
  next: (rows: readonly Float32Array[], at: number) => readonly number[] | null,
): Promise<void> {
  let state = decoder.start(features);
  try {
    let words: readonly number[] | null = first;
    for (let at = 0; words; at++) {
      const { logits, alphas, state: after } = decoder.step(state, words);
      decoder.release(state);
      state = after;
      try {
        const told = await logits.data<"float32">();
        const size = decoder.vocabularySize;
        words = next(
          first.map((_, row) => told.subarray(row * size, (row + 1) * size)),
          at,
        );
      } finally {
        dispose([logits, alphas]);
      }
    }
  } finally {
    decoder.release(state);
  }
}

/** A sentence for each row of features `[B, L, C]`, of `longest` tokens at most, with the end token where it ended. */
export async function sayWords(
  decoder: Decoder,
  features: Tensor3D,
  { startToken, endToken }: SpecialTokens,
  longest: number,
  choose: Choose,
): Promise<number[][]> {
  const said = Array.from({ length: features.shape[0] }, (): number[] => []);
  const start = said.map(() => startToken);
  await step(decoder, features, start, (rows, at) => {
    for (const [row, sentence] of said.entries()) if (sentence.at(-1) !== endToken) sentence.push(choose(rows[row]!));
    const over = at + 1 === longest || said.every((sentence) => sentence.at(-1) === endToken);
    return over ? null : said.map((sentence) => sentence.at(-1)!);
  });
  return said;
}

/**
 * Scheduled sampling (Bengio et al. 2015): the words given, but each behind the start token is with probability `share`
 * one that the model says itself after those before it. The model answers as it stands, without dropout.
 */
export async function mixOwnWords(
  decoder: Decoder,
  features: Tensor3D,
  { given, lengths }: Pick<Forced, "given" | "lengths">,
  share: number,
  random: Random,
): Promise<Rows> {
  if (share === 0) return given;
  const mixed = given.map((row) => [...row]);
  const longest = mixed[0]!.length;
  const wordsAt = (at: number): number[] | null => (at < longest ? mixed.map((row) => row[at]!) : null);
  await step(decoder, features, wordsAt(0)!, (rows, at) => {
    for (const [row, sentence] of mixed.entries()) {
      if (at + 1 < lengths[row]! && random() < share) sentence[at + 1] = drawWord(rows[row]!, random);
    }
    return at + 2 < longest ? wordsAt(at + 1) : null; // nobody reads what would follow the last word given
  });
  return mixed;
}

/** The likeliest token that is not suppressed. */
export const likeliestWord = (logits: Float32Array, suppressed: readonly number[] = []): number => {
  let best = -1;
  for (let token = 0; token < logits.length; token++) {
    if (!suppressed.includes(token) && (best === -1 || logits[token]! > logits[best]!)) best = token;
  }
  return best;
};

/** A token by its probability among those that are not suppressed. */
export function drawWord(logits: Float32Array, random: Random, suppressed: readonly number[] = []): number {
  const likeliest = likeliestWord(logits, suppressed);
  const odds = Float64Array.from(logits, (logit) => Math.exp(logit - logits[likeliest]!));
  for (const token of suppressed) odds[token] = 0;
  let aim = random() * odds.reduce((sum, one) => sum + one, 0);
  for (let token = 0; token < odds.length; token++) {
    aim -= odds[token]!;
    if (aim < 0 && odds[token]! > 0) return token;
  }
  return likeliest; // rounding left the sum a little short
}
