import { memory, tensor2d, tensor3d, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import { createRandom } from "../../../../worker/contract/random.ts";
import type { CaptionDecoder } from "../../../../worker/models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../../../worker/models/captioner/decoder-state.ts";
import { forceWords } from "../../../../worker/training/captions/caption-batch.ts";
import { drawWord, likeliestWord, mixOwnWords, sayWords } from "../../../../worker/training/captions/say-words.ts";

const SIZE = 12;
const TOKENS = { startToken: 1, endToken: 11, suppressed: [0, 1] };

/** Says of every word the next one, for certain. */
function counting(): CaptionDecoder<DecoderState> & { steps: number } {
  const state: DecoderState = { photos: [0, 1, 2], length: 0, layers: [] };
  const refuse = (): never => {
    throw new Error("not asked for");
  };
  return {
    steps: 0,
    vocabularySize: SIZE,
    maxPositions: Infinity,
    start: () => state,
    step(_, tokens) {
      this.steps += 1;
      const logits = tokens.flatMap((token) => Array.from({ length: SIZE }, (__, at) => (at === token + 1 ? 0 : -1e9)));
      return {
        logits: tensor2d(logits, [tokens.length, SIZE]),
        alphas: tensor2d(
          tokens.map(() => 1),
          [tokens.length, 1],
        ),
        state,
      };
    },
    run: refuse,
    reorder: refuse,
    release: () => undefined,
  };
}

const forced = forceWords(
  [
    [9, 9, 9, 11],
    [9, 11],
    [9, 9, 11],
  ],
  TOKENS,
);
const features = () => tensor3d([0, 0, 0], [3, 1, 1]);

beforeAll(async () => {
  await nodeBackends.find(({ name }) => name === "cpu")!.start(() => undefined);
});

test("share 0: the words given, and neither the model nor chance is asked", async () => {
  const decoder = counting();
  const refuse = (): never => {
    throw new Error("drawn");
  };
  expect(await mixOwnWords(decoder, features(), forced, 0, refuse)).toBe(forced.given);
  expect(decoder.steps).toBe(0);
});

test("share 1: behind the start every word is the model's own, after its own words before; padding stays", async () => {
  const mixed = await mixOwnWords(counting(), features(), forced, 1, createRandom(1));
  expect(mixed).toEqual([
    [1, 2, 3, 4],
    [1, 2, 11, 11],
    [1, 2, 3, 11],
  ]);
  expect(forced.given[0]).toEqual([1, 9, 9, 9]);
});

test("between them: about that share, and the same seed mixes the same", async () => {
  const long = forceWords(
    [0, 1, 2].map(() => new Array<number>(400).fill(3)),
    TOKENS,
  );
  const mix = () => mixOwnWords(counting(), features(), long, 0.25, createRandom(4));
  const mixed = await mix();
  const own = mixed.flatMap((row) => row.slice(1)).filter((token) => token !== 3).length;
  expect(own / 1197).toBeGreaterThan(0.2);
  expect(own / 1197).toBeLessThan(0.3);
  expect(await mix()).toEqual(mixed);
});

test("a sentence goes on to its end token or the longest, and leaves no tensor", async () => {
  const input = features();
  const before = memory().numTensors;
  const say = (longest: number) => sayWords(counting(), input, TOKENS, longest, (logits) => likeliestWord(logits));
  expect((await say(20))[0]).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect((await say(3))[2]).toEqual([2, 3, 4]);
  expect(memory().numTensors).toBe(before);
  tidy(() => input.dispose());
});

test("words are drawn by their probability, and suppressed ones never", () => {
  const random = createRandom(2);
  const logits = Float32Array.from([5, Math.log(3), 0, -Infinity]);
  const drawn = Array.from({ length: 4000 }, () => drawWord(logits, random, [0]));
  expect(drawn.filter((word) => word === 1).length / 4000).toBeCloseTo(0.75, 1);
  expect(new Set(drawn)).toEqual(new Set([1, 2]));
  expect(likeliestWord(logits, [0])).toBe(1);
});
