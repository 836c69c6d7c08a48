import {
  dispose,
  memory,
  tensor3d,
  tensor4d,
  tidy,
  transpose,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import type { Caption, CaptionQuestion } from "../../../../worker/contract/caption.ts";
import type { HostArray } from "../../../../worker/contract/forward.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import { openAnyModel, type OpenedCaptioner } from "../../../../worker/checkpoint/open-model.ts";
import { composeDecoder } from "../../../../worker/runtime/captioner/compose-decoder.ts";
import type { Writer } from "../../../../worker/runtime/captioner/place-captioner.ts";
import { settleQuestion } from "../../../../worker/runtime/captioner/settle-question.ts";
import { writeCaptions } from "../../../../worker/runtime/captioner/write-captions.ts";
import { placeModel, type LoadedModel } from "../../../../worker/runtime/placed/loaded-model.ts";
import type { ModelImage } from "../../../../worker/runtime/read-images.ts";
import { goldenTensors, maxDifference, type GoldenTensor } from "../../../setup/golden.ts";
import { rowsOf } from "../../models/captioner/golden-captioners.ts";
import { writeAtOnce } from "../../models/captioner/write-words.ts";
import { expectedOf, goldenJson, gpt2Folder, GPT2_WORDS, OWN_CAPTIONERS, ownFolder } from "./captioner-folders.ts";

const pause = () => Promise.resolve();
const REGROUPED = 1e-5; // the same sums in products of other sizes

let model: LoadedModel | null = null;
beforeEach(() => nodeBackends[0]!.start(() => undefined));
afterEach(() => {
  model?.release();
  expect(memory().numTensors).toBe(0);
});

async function place(folder: ModelFolder): Promise<{ model: LoadedModel; writer: Writer }> {
  model = await placeModel(1, folder, await openAnyModel(folder), undefined, pause);
  return { model, writer: model.writer! };
}

/** The same decoder composed of tensors, and what it looks at. */
async function compose(folder: ModelFolder, { shape, values }: HostArray) {
  const { config, read: readAny } = (await openAnyModel(folder)) as OpenedCaptioner;
  const prefix = config.decoder.kind === "gpt2" ? "" : "decoder.";
  const read = (name: string): Float32Array => readAny(prefix + name);
  const { decoder, release } = await composeDecoder(config.decoder, read, pause);
  const features = tensor3d(values, shape as Tensor3D["shape"]);
  const write = (tokens: readonly number[]) => writeAtOnce(decoder, decoder.start(features), [tokens]);
  return {
    write,
    end: () => {
      release();
      features.dispose();
    },
  };
}

/** `[B, 3, H, W]`, normalised → pictures as a reader gives them. */
function prepared({ shape, values }: GoldenTensor): ModelImage[] {
  const [count, channels, height, width] = shape as [number, number, number, number];
  const size = { width, height };
  const seen = { source: size, resized: size, crop: { left: 0, top: 0, ...size } };
  return Array.from({ length: count }, (_, at) => {
    const pixels = new Float32Array(height * width * channels);
    for (let i = 0; i < pixels.length; i++) {
      const [place, channel] = [Math.floor(i / channels), i % channels];
      pixels[i] = values[(at * channels + channel) * height * width + place]!;
    }
    return { pixels, seen, milliseconds: 0 };
  });
}

/** The tokens of a sentence of whole words. */
const tokensOf = ({ text }: Pick<Caption, "text">): number[] =>
  text === ""
    ? []
    : text
        .replaceAll(/(?='s|n't|'ll)/g, " ")
        .trim()
        .split(/ +/)
        .map((word) => GPT2_WORDS.indexOf(word));

describe("golden/vit-gpt2, from pixels to a sentence", () => {
  /** An end that the reference's sentences do not come to, for they do not stop at it. */
  const UNSAID = 49;

  async function write(question: CaptionQuestion, eos_token_id = UNSAID) {
    const folder = await gpt2Folder({ "generation_config.json": { eos_token_id } });
    const expected = await goldenTensors("vit-gpt2/expected.safetensors");
    const { model, writer } = await place(folder);
    const images = prepared(expected.get("pixel_values")!);
    return { expected, said: await writeCaptions(model, writer, images, settleQuestion(question, writer), { pause }) };
  }

  /** `<pad>`, `<start>` and `<end>` are tokens like others there, and have no text. */
  const spoken = (tokens: readonly number[]): number[] => tokens.filter((token) => token > 2);

  test("one beam says the reference's greedy words", async () => {
    const { expected, said } = await write({ beams: 1, maxWords: 9 });
    expect(said.map(tokensOf)).toEqual(rowsOf(expected.get("greedy")!).map((row) => spoken(row.slice(1))));
  });

  test("wide beams find the best three of all, with the reference's log-probability", async () => {
    const { expected, said } = await write({ beams: 100, maxWords: 3, minWords: 2, lengthPenalty: 0 });
    expect(said.map(tokensOf)).toEqual(rowsOf(expected.get("best_three")!).map(spoken));
    for (const [photo, { logProbability, score }] of said.entries()) {
      expect(logProbability).toBeCloseTo(expected.get("best_three_score")!.values[photo]!, 4);
      expect(score).toBeCloseTo(logProbability, 6);
    }
  });

  type Case = { readonly options: CaptionQuestion; readonly results: readonly (readonly Said[])[] };
  type Said = { readonly tokens: readonly number[]; readonly ended: boolean; readonly score: number };

  test.each([0, 1, 2, 3, 4])("what transformers' generate makes it say: case %i", async (at) => {
    const { options, results } = (await goldenJson<Case[]>("vit-gpt2/generated.json"))[at]!;
    const { said } = await write(options, 0);
    for (const [photo, wanted] of results.entries()) {
      const sentences = [said[photo]!, ...said[photo]!.others];
      expect(sentences.map((one) => [tokensOf(one), one.ended])).toEqual(
        wanted.map(({ tokens, ended }) => [spoken(tokens), ended]),
      );
      sentences.forEach(({ score }, rank) => expect(score).toBeCloseTo(wanted[rank]!.score, 4));
    }
  });
});

describe.each([...OWN_CAPTIONERS, "gpt2"] as const)(
  "a sentence of the %s captioner, told again word for word",
  (name) => {
    async function look() {
      const folder = name === "gpt2" ? await gpt2Folder() : ownFolder(name);
      const { model, writer } = await place(folder);
      const { width, height } = model.info.inputSize;
      const pixels = Float32Array.from({ length: 3 * width * height }, (_, i) => Math.sin(i * 0.37) + Math.cos(i / 90));
      const images = prepared({ shape: [1, 3, height, width], values: pixels });
      const nhwc = tidy(() => transpose<Tensor4D>(tensor4d(pixels, [1, 3, height, width]), [0, 2, 3, 1]));
      const features = await writer.look(nhwc, pause);
      dispose(nhwc);
      return { model, writer, images, features, composed: await compose(folder, features) };
    }

    test.each([1, 3, 5])("has the same maps with %s beams, which were reordered on the way", async (beams) => {
      const { model, writer, images, composed } = await look();
      const { speech, prefix } = writer;
      const question = { beams, maxWords: 8, noRepeatNgram: 2 };
      const [one] = await writeCaptions(model, writer, images, settleQuestion(question, writer), { pause });
      const tokens = speech.tokenizer.encode(one!.text);
      const steps = await composed.write([speech.startToken, ...tokens]);
      composed.end();
      expect(tokens.length).toBeGreaterThan(0);
      const looked = tokens.map((_, at) => Array.from(steps[at]!.alphas).slice(prefix));
      let at = 0;
      for (const { text, map } of one!.words) {
        const count = speech.tokenizer.encode(text).length;
        const rows = looked.slice(at, at + count);
        const wanted = rows[0]!.map((_, cell) => rows.reduce((sum, row) => sum + row[cell]!, 0) / count);
        expect(maxDifference(map.values, wanted)).toBeLessThanOrEqual(REGROUPED);
        at += count;
      }
      expect(at).toBe(tokens.length);
    });

    test("is the same without a cache, and so are its logits", async () => {
      const { model, writer, images, features, composed } = await look();
      const { decoder, speech } = writer;
      const [cached] = await writeCaptions(model, writer, images, settleQuestion({ beams: 1, maxWords: 7 }, writer), {
        pause,
      });
      const said = [speech.startToken];
      const logits: ArrayLike<number>[] = [];
      while (said.length <= 7) {
        const step = (await composed.write(said)).at(-1)!;
        const scores = Array.from(step.logits);
        for (const token of speech.suppressed) scores[token] = -Infinity;
        logits.push(step.logits);
        const next = scores.indexOf(Math.max(...scores));
        if (speech.endTokens.includes(next)) break;
        said.push(next);
      }
      expect(cached!.text).toBe(speech.tokenizer.decode(said.slice(1)));
      const captions = decoder.start(features);
      for (const [at, wanted] of logits.entries()) {
        const step = await decoder.step(captions, Int32Array.of(said[at]!));
        expect(maxDifference(step.logits, wanted)).toBeLessThanOrEqual(REGROUPED);
      }
      decoder.release(captions);
      composed.end();
    });
  },
);

test.each(OWN_CAPTIONERS)(
  "features of the %s captioner are PyTorch's, averaged as its avg_pool2d averages",
  async (name) => {
    const { model, writer } = await place(ownFolder(name));
    const { pictures, features } = await expectedOf(name);
    for (const [at, { width, height, data }] of pictures.entries()) {
      const pixels = tensor4d(
        Float32Array.from(data, (level) => (level / 255 - 0.5) / 0.5),
        [1, height, width, 3],
      );
      const looked = await writer.look(pixels, pause);
      const size = features.values.length / pictures.length;
      expect(looked.shape).toEqual([1, ...features.shape.slice(1)]);
      expect(features.shape[1]).toBe(model.info.grid.width * model.info.grid.height);
      const wanted = features.values.subarray(at * size, (at + 1) * size);
      expect(maxDifference(looked.values, wanted)).toBeLessThan(2e-5);
      pixels.dispose();
    }
  },
);
