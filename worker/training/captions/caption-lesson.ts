import { add, dispose, gather, mul, tensor3d, tidy, type Scalar, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Random } from "../../contract/random.ts";
import type { Pause } from "../../contract/turns.ts";
import { takeScalars } from "../../layers/take-values.ts";
import type { Lesson, Task } from "../lesson.ts";
import { forceWords, weighWords, type CaptionBatch, type Rows, type SpecialTokens } from "./caption-batch.ts";
import { lookEverywhere, suppress, wordLoss } from "./caption-losses.ts";
import { drawWord, likeliestWord, mixOwnWords, sayWords, type Choose } from "./say-words.ts";
import type { TrainableCaptioner } from "./trainable-captioner.ts";

/** How captions are learned. */
export type CaptionLearning = {
  readonly labelSmoothing: number; // 0 to 1
  readonly dropout: number; // of words, states and what is read out, or of what a block adds; 0 to 1
  readonly lookEverywhere: number; // weight of doubly stochastic attention, from 0
  readonly samples: number; // sentences drawn for each picture that is learned by reward
  /** What a reward is held against: the mean of the picture's other samples, or the greedy sentence's. */
  readonly baseline: "others" | "greedy";
  readonly longest: number; // tokens of a sentence that it says itself, its end included
};

/** A sentence about a picture, with the end token where it ended. */
export type Said = { readonly picture: number; readonly words: readonly number[] };

/** How good sentences are; more is better. */
export type CaptionJudge = {
  /** Of a picture to learn from. */
  readonly reward: (said: Said) => number;
  /** Of one sentence for each picture held aside, all together. */
  readonly score: (said: readonly Said[]) => number;
};

/** What was held aside; its pictures count by those of their batches. */
export type CaptionValidation = {
  readonly pictures: number;
  readonly loss: number; // mean cross-entropy of given words, nats
  readonly score: number; // of greedy sentences
};

/**
 * To say captions: of given words (Xu et al. 2015, with scheduled sampling), or by the reward of sentences of its own
 * (self-critical training, Rennie et al. 2017), as each batch says. By reward nothing is dropped out, and suppressed
 * tokens are neither drawn nor learned of.
 */
export function captionLesson(
  captioner: TrainableCaptioner,
  tokens: SpecialTokens,
  learning: CaptionLearning,
  judge: CaptionJudge,
): Lesson<CaptionBatch, CaptionValidation> {
  const classroom = { captioner, tokens, learning, judge };
  return {
    learner: captioner,
    async prepare(batch, random) {
      const { task } = batch;
      const features = tensor3d(batch.features, [...batch.shape]);
      try {
        if (task.kind === "rewarded") return await rewardedTask(classroom, features, batch.pictures, random);
        return await givenTask(classroom, features, task, random);
      } catch (error) {
        features.dispose();
        throw error;
      }
    },
    judge: (batches, pause) => judgeCaptions(classroom, batches, pause),
    isBetter: (now, before) => now.score > before.score || (now.score === before.score && now.loss < before.loss),
  };
}

type Classroom = {
  readonly captioner: TrainableCaptioner;
  readonly tokens: SpecialTokens;
  readonly learning: CaptionLearning;
  readonly judge: CaptionJudge;
};

/** Cross-entropy of given words, the mean over them, and attention that has looked everywhere in the end. */
async function givenTask(
  { captioner, tokens, learning }: Classroom,
  features: Tensor3D,
  { captions, own }: { readonly captions: Rows; readonly own: number },
  random: Random,
): Promise<Task> {
  const forced = forceWords(withEnds(captions, tokens), tokens);
  const given = await captioner.withDecoder((decoder) => mixOwnWords(decoder, features, forced, own, random));
  const spoken = weighWords(
    forced,
    captions.map(() => 1),
  );
  const shares = spoken.map((weight) => weight / forced.words);
  const dropping = learning.dropout > 0 ? { rate: learning.dropout, random } : null;
  const loss = (): Scalar =>
    tidy(() => {
      const { logits, alphas } = captioner.answer(features, given, dropping);
      const said = wordLoss(logits, forced.wanted, shares, learning.labelSmoothing);
      if (learning.lookEverywhere === 0) return said;
      return add<Scalar>(said, mul(lookEverywhere(alphas, spoken), learning.lookEverywhere));
    });
  return { weight: forced.words, loss, release: () => features.dispose() };
}

/** −Σ (reward − baseline) · log p of drawn sentences, over all their words. */
async function rewardedTask(
  { captioner, tokens, learning, judge }: Classroom,
  features: Tensor3D,
  pictures: readonly number[],
  random: Random,
): Promise<Task> {
  const { samples, baseline, longest } = learning;
  const rows = pictures.flatMap((_, row) => new Array<number>(samples).fill(row)); // of features, for each sample
  const say = (from: Tensor3D, choose: Choose): Promise<number[][]> =>
    captioner.withDecoder((decoder) => sayWords(decoder, from, tokens, longest, choose));
  const repeated: Tensor3D = tidy(() => gather(features, rows)); // [B · samples, L, C]
  try {
    const drawn = await say(repeated, (logits) => drawWord(logits, random, tokens.suppressed));
    const rewards = drawn.map((words, at) => judge.reward({ picture: pictures[rows[at]!]!, words }));
    const greedy =
      baseline === "greedy" ? await say(features, (logits) => likeliestWord(logits, tokens.suppressed)) : null;
    const expected = greedy?.map((words, row) => judge.reward({ picture: pictures[row]!, words }));
    const gains = rewards.map((reward, at) => reward - (expected?.[rows[at]!] ?? meanOfOthers(rewards, at, samples)));
    const forced = forceWords(drawn, tokens);
    const weights = weighWords(
      forced,
      gains.map((gain) => gain / forced.words),
    );
    const loss = (): Scalar =>
      tidy(() => {
        const { logits } = captioner.answer(repeated, forced.given, null);
        return wordLoss(suppress(logits, tokens.suppressed), forced.wanted, weights);
      });
    return { weight: forced.words, loss, release: () => dispose([features, repeated]) };
  } catch (error) {
    repeated.dispose();
    throw error;
  }
}

/** Of the other samples of the same picture, `samples` of which lie side by side. */
function meanOfOthers(rewards: readonly number[], at: number, samples: number): number {
  const first = at - (at % samples);
  const sum = rewards.slice(first, first + samples).reduce((total, reward) => total + reward, 0);
  return (sum - rewards[at]!) / (samples - 1);
}

const withEnds = (captions: Rows, { endToken }: SpecialTokens): Rows => captions.map((words) => [...words, endToken]);

/** A picture may lie in several rows side by side, one for each of its captions; it is told about once. */
async function judgeCaptions(
  { captioner, tokens, learning, judge }: Classroom,
  batches: AsyncIterable<CaptionBatch>,
  pause: Pause,
): Promise<CaptionValidation | null> {
  let [loss, words] = [0, 0];
  const said: Said[] = [];
  for await (const { shape, features: values, pictures, task } of batches) {
    const features = tensor3d(values, [...shape]);
    try {
      if (task.kind === "given") {
        const forced = forceWords(withEnds(task.captions, tokens), tokens);
        const weights = weighWords(
          forced,
          pictures.map(() => 1),
        );
        const told = tidy(() =>
          wordLoss(captioner.answer(features, forced.given, null).logits, forced.wanted, weights),
        );
        loss += (await takeScalars([told]))[0]!;
        words += forced.words;
      }
      const firsts = pictures.flatMap((picture, row) => (picture === pictures[row - 1] ? [] : [row]));
      const apart: Tensor3D = tidy(() => gather(features, firsts));
      const sentences = await captioner
        .withDecoder((decoder) =>
          sayWords(decoder, apart, tokens, learning.longest, (logits) => likeliestWord(logits, tokens.suppressed)),
        )
        .finally(() => apart.dispose());
      said.push(...sentences.map((sentence, at) => ({ picture: pictures[firsts[at]!]!, words: sentence })));
    } finally {
      features.dispose();
    }
    await pause();
  }
  return said.length === 0 ? null : { pictures: said.length, loss: loss / words, score: judge.score(said) };
}
