import {
  dispose,
  reshape,
  tensor4d,
  tidy,
  transpose,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, test } from "vitest";
import { buildVit } from "../../../../worker/models/vit/build-vit.ts";
import type { VitConfig } from "../../../../worker/models/vit/config.ts";
import { runVit } from "../../../../worker/models/vit/run-vit.ts";
import { releaseVit } from "../../../../worker/models/vit/vit.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { goldenGpt2, GPT2, rowsOf } from "./golden-captioners.ts";
import { featuresOf } from "./place-golden.ts";

const START = 1; // decoder_start_token_id

/** The encoder of golden/vit-gpt2. */
const ENCODER: VitConfig = {
  imageSize: { width: 32, height: 32 },
  patchSize: { width: 8, height: 8 },
  channels: 3,
  hiddenSize: 32,
  layers: 2,
  heads: 4,
  intermediateSize: 64,
  activation: "gelu",
  layerNormEpsilon: 1e-6,
  queryKeyValueBias: true,
  classToken: true,
  distillationToken: false,
  registers: 0,
  positionSize: null,
  positionFilter: "bicubic",
  pooling: "class",
  finalNorm: "tokens",
  pooler: false,
  classes: 0,
  distillationHead: false,
  patchHead: false,
};

/** logits `[rows, V]` → log-probabilities of each row, in float64. */
async function logProbabilities(logits: Tensor2D): Promise<number[][]> {
  const [rows, words] = logits.shape;
  const values = await logits.data();
  return Array.from({ length: rows }, (_, row) => {
    const scores = [...values.subarray(row * words, (row + 1) * words)];
    const highest = Math.max(...scores);
    const total = highest + Math.log(scores.reduce((sum, score) => sum + Math.exp(score - highest), 0));
    return scores.map((score) => score - total);
  });
}

const best = (scores: readonly number[]): number => scores.indexOf(Math.max(...scores));

/** What the reference's own decoding found, on whatever backend is in use. */
export function describeGpt2Decoding(tolerance: number): void {
  describe("GPT-2 behind a ViT, as the reference decodes", () => {
    let expected = new Map<string, GoldenTensor>();
    beforeAll(async () => {
      expected = await goldenTensors("vit-gpt2/expected.safetensors");
    });

    test("from pixels to the greedy caption", async () => {
      const weights = await goldenTensors("vit-gpt2/model.safetensors");
      const vit = await buildVit(ENCODER, (name) => weights.get(`encoder.${name}`)!.values);
      const { values, shape } = expected.get("pixel_values")!;
      const pixels = tidy(() => transpose<Tensor4D>(tensor4d(values, shape as Tensor4D["shape"]), [0, 2, 3, 1]));
      const encoded = (await runVit(vit, pixels, { stages: ["encoded"] })).get("encoded") as Tensor3D;
      const wanted = expected.get("encoder_last_hidden_state")!.values;
      expect(maxDifference(await encoded.data(), wanted)).toBeLessThanOrEqual(tolerance);
      const { decoder, release } = await goldenGpt2();
      const captions = [[START], [START]];
      let state = decoder.start(encoded);
      for (let word = 0; word < 9; word++) {
        const step = decoder.step(
          state,
          captions.map((caption) => caption.at(-1)!),
        );
        const scores = await logProbabilities(step.logits);
        captions.forEach((caption, row) => caption.push(best(scores[row]!)));
        decoder.release(state);
        dispose([step.logits, step.alphas]);
        state = step.state;
      }
      expect(captions).toEqual(rowsOf(expected.get("greedy")!));
      decoder.release(state);
      releaseVit(vit);
      release();
    });

    test("the best three words have the log-probability of the reference", async () => {
      const { decoder, features, release } = await goldenGpt2();
      const wanted = rowsOf(expected.get("best_three")!);
      const given = wanted.map((words) => [START, ...words.slice(0, 2)]);
      const { logits } = decoder.run(decoder.start(featuresOf(features)), given);
      const scores = await logProbabilities(reshape(logits, [2 * 3, GPT2.vocabularySize]));
      for (const [photo, words] of wanted.entries()) {
        const total = words.reduce((sum, word, at) => sum + scores[photo * 3 + at]![word]!, 0);
        const score = expected.get("best_three_score")!.values[photo]!;
        expect(Math.abs(total - score)).toBeLessThanOrEqual(10 * tolerance);
      }
      release();
    });
  });
}

/** All captions of three words, each found by spreading one row over all words, and over all again. */
export function describeWholeSearch(): void {
  test("of all captions of three words, the reference's is the best", async () => {
    const expected = await goldenTensors("vit-gpt2/expected.safetensors");
    const { decoder, features, release } = await goldenGpt2();
    const V = GPT2.vocabularySize;
    const words = Array.from({ length: V }, (_, word) => word);
    const pairs = words.flatMap((word) => words.map((next) => [word, next] as const));
    const first = decoder.step(decoder.start(featuresOf(features, [0])), [START]);
    const spread = decoder.reorder(
      first.state,
      words.map(() => 0),
    );
    const second = decoder.step(spread, words);
    const further = decoder.reorder(
      second.state,
      pairs.map(([word]) => word),
    );
    const third = decoder.step(
      further,
      pairs.map(([, next]) => next),
    );
    const [[one], two] = [await logProbabilities(first.logits), await logProbabilities(second.logits)];
    const totals = (await logProbabilities(third.logits)).flatMap((three, pair) => {
      const [word, next] = pairs[pair]!;
      return three.map((last) => one![word]! + two[word]![next]! + last);
    });
    const found = totals.reduce((highest, total, at) => (total > totals[highest]! ? at : highest), 0);
    expect([...pairs[Math.floor(found / V)]!, found % V]).toEqual(rowsOf(expected.get("best_three")!)[0]);
    release();
  });
}
