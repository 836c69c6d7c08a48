import { beforeAll, describe, expect, test } from "vitest";
import type { HostArray } from "../../../../worker/contract/forward.ts";
import type { CaptionerDecoder } from "../../../../worker/checkpoint/config/captioner-config.ts";
import type { DecoderEngine, HostDecoder, HostStep } from "../../../../worker/kernels/decoder-engine.ts";
import type { ParameterReader } from "../../../../worker/kernels/parameter-reader.ts";
import type { WasmKernels } from "../../../../worker/kernels/wasm/kernels.ts";
import { hostDecoder } from "../../../../worker/models/captioner/host-decoder.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { composeDecoder } from "../../../../worker/runtime/captioner/compose-decoder.ts";
import { decoderOnWasm } from "../../../../worker/runtime/captioner/decoder-on-wasm.ts";
import { generate } from "../../../../worker/text/generation/generate.ts";
import type { GenerationWishes } from "../../../../worker/text/generation/options.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { GOLDEN_NAMES, goldenCaptioner } from "../../models/captioner/golden-captioners.ts";
import { ONE_THREAD, THREADED } from "../wasm/builds.ts";
import { drawDecoder, drawFeatures, oddRecurrent, oddTransformer } from "./random-decoder.ts";

const pause = () => Promise.resolve();

const REGROUPED = 1e-5; // the same sums in another order, of values around one

async function engineOf(
  decoding: CaptionerDecoder,
  read: ParameterReader,
  kernels: WasmKernels,
): Promise<DecoderEngine> {
  return (await decoderOnWasm(decoding, read, { there: pause }, () => Promise.resolve(kernels)))!;
}

const composed = async (decoding: CaptionerDecoder, read: ParameterReader): Promise<HostDecoder> =>
  hostDecoder((await composeDecoder(decoding, read, pause)).decoder);

/** Words that a test gives, and rows that it reorders to before some of them. */
type Script = readonly { readonly tokens: readonly number[]; readonly rows?: readonly number[] }[];

async function play(decoder: HostDecoder, features: HostArray, script: Script): Promise<HostStep[]> {
  let captions = decoder.start(features);
  const told: HostStep[] = [];
  for (const { tokens, rows } of script) {
    if (rows) captions = decoder.reorder(captions, Int32Array.from(rows));
    told.push(await decoder.step(captions, Int32Array.from(tokens)));
  }
  decoder.release(captions);
  return told;
}

function expectClose(got: readonly HostStep[], wanted: readonly HostStep[]): void {
  expect(got).toHaveLength(wanted.length);
  for (const [at, { logits, attention }] of wanted.entries()) {
    const scale = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 1);
    expect(maxDifference(got[at]!.logits, logits) / scale, `logits of step ${at}`).toBeLessThan(REGROUPED);
    expect(maxDifference(got[at]!.attention, attention), `attention of step ${at}`).toBeLessThan(REGROUPED);
  }
}

/** Three photos whose rows are doubled, left out, crossed over and brought back. */
const SCRIPT: Script = [
  { tokens: [1, 1, 1] },
  { tokens: [3, 12, 5, 0, 7], rows: [2, 0, 0, 1, 2] },
  { tokens: [4, 4, 4, 6, 9] },
  { tokens: [2, 8], rows: [4, 1] },
  { tokens: [10, 11, 12, 0, 1, 2, 3], rows: [1, 1, 1, 0, 1, 0, 1] },
  { tokens: [5, 5, 5, 5, 5, 5, 5], rows: [6, 5, 4, 3, 2, 1, 0] },
  { tokens: [7], rows: [3] },
];

const ODD: readonly (readonly [string, CaptionerDecoder, number])[] = [
  ["recurrent, additive, deep", oddRecurrent(), 6],
  ["recurrent, additive, hidden", oddRecurrent({ output: "hidden", alignmentSize: 9 }), 1],
  ["recurrent, dot, deep", oddRecurrent({ alignment: "dot", hiddenSize: 2, embeddingSize: 17 }), 13],
  ["recurrent, dot, hidden", oddRecurrent({ alignment: "dot", output: "hidden", featureSize: 1 }), 4],
  ["recurrent, whole panels", oddRecurrent({ featureSize: 8, embeddingSize: 16, hiddenSize: 8, alignmentSize: 8 }), 8],
  ["GPT-2 of odd heads", oddTransformer({ activation: "gelu-tanh" }, "gpt2"), 6],
  ["GPT-2, not projected, not tied", oddTransformer({ memorySize: 12, tiedOutput: false }, "gpt2"), 1],
  ["Transformer, norms behind", oddTransformer({ normOrder: "post", activation: "relu" }), 13],
  ["Transformer, waves", oddTransformer({ positions: "sinusoidal", layers: 1, heads: 1, activation: "silu" }), 5],
];

beforeAll(async () => {
  await cpuBackend.start(() => undefined);
});

describe.each([...ONE_THREAD, ...THREADED])("on the build $name", (kernels) => {
  test.each(GOLDEN_NAMES)("%s: logits, and where it looked, are PyTorch's", async (name) => {
    const { decoding, read, features, words, logits, alphas, release } = await goldenCaptioner(name);
    release();
    const { decoder } = await engineOf(decoding, read, kernels);
    const steps = words[0]!.map((_, at) => ({ tokens: words.map((row) => row[at]!) }));
    const told = await play(decoder, features, steps);
    const [rows, count, vocabulary] = logits.shape as [number, number, number];
    const places = alphas.length / (rows * count);
    const wanted = steps.map((_, at) => ({
      logits: atStep(logits.values, rows, count, vocabulary, at),
      attention: atStep(alphas, rows, count, places, at),
    }));
    expectClose(told, wanted);
  });

  test.each(ODD)("equals the composed path in whatever order rows go on: %s", async (_, decoding, places) => {
    const read = drawDecoder(decoding, 3);
    const features = drawFeatures(decoding, 3, places);
    const { decoder } = await engineOf(decoding, read, kernels);
    const told = await play(decoder, features, SCRIPT);
    expectClose(told, await play(await composed(decoding, read), features, SCRIPT));
    for (const { attention } of told) {
      for (let row = 0; row < attention.length; row += places) {
        expect(attention.subarray(row, row + places).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      }
    }
  });
});

/** `[rows, T, width]` → what belongs to one of T, `[rows, width]`. */
function atStep(values: ArrayLike<number>, rows: number, count: number, width: number, at: number): Float32Array {
  return Float32Array.from(
    { length: rows * width },
    (_, i) => values[(Math.floor(i / width) * count + at) * width + (i % width)]!,
  );
}

const KERNELS: WasmKernels = ONE_THREAD[0]!;

const KINDS: readonly (readonly [string, CaptionerDecoder])[] = [
  ["recurrent", oddRecurrent({ vocabularySize: 101, hiddenSize: 30 })],
  ["transformer", oddTransformer({ vocabularySize: 101, maxPositions: 12 })],
  ["gpt2", oddTransformer({ vocabularySize: 101, maxPositions: 12 }, "gpt2")],
];

describe.each(KINDS)("sentences of the %s decoder", (_, decoding) => {
  const read = drawDecoder(decoding, 8);
  const say = (decoder: HostDecoder, options: GenerationWishes, batch = drawFeatures(decoding, 4, 6)) =>
    generate(decoder, {
      batch,
      photos: batch.shape[0]!,
      startToken: 1,
      endTokens: [2],
      options: { maxWords: 12, ...options },
    });

  test.each([
    ["greedy", { beams: 1 }],
    ["five beams", { beams: 5, returned: 3 }],
    ["groups of beams", { beams: 6, groups: 3, diversityPenalty: 0.5 }],
    ["drawn", { sampling: { seed: 4 }, returned: 3 }],
  ] satisfies [string, GenerationWishes][])("are word for word those of the composed path: %s", async (__, options) => {
    const { decoder } = await engineOf(decoding, read, KERNELS);
    const said = await say(decoder, options);
    const wanted = await say(await composed(decoding, read), options);
    const tokens = (sentences: typeof said) =>
      sentences.map((all) => all.map((one) => one.tokens.map((at) => at.token)));
    expect(tokens(said)).toEqual(tokens(wanted));
    expect(new Set(tokens(said).flat().map(String)).size).toBeGreaterThan(1);
  });

  test("a search that stops, or fails, leaves a decoder that goes on, in memory that does not grow", async () => {
    const engine = await engineOf(decoding, read, KERNELS);
    const { decoder } = engine;
    const first = await say(decoder, { beams: 5 });
    const held = engine.bytes();
    const broken = drawFeatures(decoding, 4, 6);
    broken.values[5] = NaN;
    for (let at = 0; at < 500; at++) {
      if (at % 100 === 7) {
        await expect(say(decoder, {}, broken)).rejects.toMatchObject({ code: "internal" });
        let steps = 0;
        const stop = () => (++steps === 3 ? Promise.reject(new Error("stop")) : Promise.resolve());
        const batch = drawFeatures(decoding, 1, 6);
        const request = { batch, photos: 1, startToken: 1, endTokens: [2], options: { minWords: 9 } };
        await expect(generate(decoder, request, { pause: stop })).rejects.toThrow("stop");
      }
      await say(decoder, { beams: 1 + (at % 5), maxWords: 4 }, drawFeatures(decoding, 1, 1 + (at % 6)));
    }
    expect(engine.bytes()).toBe(held);
    expect(await say(decoder, { beams: 5 })).toEqual(first);
  });

  test("two searches under way at once do not disturb each other", async () => {
    const { decoder } = await engineOf(decoding, read, KERNELS);
    const [one, other] = [drawFeatures(decoding, 2, 6, 5), drawFeatures(decoding, 3, 4, 6)];
    const alone = [await say(decoder, { beams: 3 }, one), await say(decoder, { beams: 2 }, other)];
    expect(await Promise.all([say(decoder, { beams: 3 }, one), say(decoder, { beams: 2 }, other)])).toEqual(alone);
  });

  test("refuses what does not fit in the words of the composed path", async () => {
    const { decoder } = await engineOf(decoding, read, KERNELS);
    const both = [decoder, await composed(decoding, read)] as const;
    const features = drawFeatures(decoding, 2, 3);
    const last = decoding.config.vocabularySize - 1;
    const refusals: readonly [(decoder: HostDecoder, captions: unknown) => unknown, string, string][] = [
      [(one, captions) => one.step(captions, Int32Array.of(0, last + 1)), "invalid-argument", `token ${last + 1}`],
      [(one, captions) => one.step(captions, Int32Array.of(-1, 0)), "invalid-argument", "token -1"],
      [(one, captions) => one.step(captions, Int32Array.of(0)), "invalid-argument", "expected 2 rows of one length"],
      [(one, captions) => one.reorder(captions, Int32Array.of()), "invalid-argument", "0 to 1, got []"],
      [(one, captions) => one.reorder(captions, Int32Array.of(0, 2)), "invalid-argument", "0 to 1, got [0, 2]"],
      [(one) => one.start({ ...features, shape: [2, 3 * features.shape[2]!, 1] }), "input-shape", "[*, *, "],
    ];
    for (const one of both) {
      const captions = one.start(features);
      for (const [call, code, words] of refusals) {
        const refusal = async () => await call(one, captions);
        await expect(refusal()).rejects.toMatchObject({ code, message: expect.stringContaining(words) as string });
      }
      for (let at = 0; at < Math.min(one.maxPositions, 20); at++) await one.step(captions, Int32Array.of(1, 1));
      if (one.maxPositions < Infinity) {
        const refusal = one.step(captions, Int32Array.of(1, 1));
        await expect(refusal).rejects.toMatchObject({ message: "13 tokens: this model has 12 positions" });
      }
      one.release(captions);
    }
  });

  test("is gone once released", async () => {
    const engine = await engineOf(decoding, read, KERNELS);
    const captions = engine.decoder.start(drawFeatures(decoding, 1, 2));
    expect(engine.bytes()).toBeGreaterThan(0);
    engine.release();
    expect(engine.bytes()).toBe(0);
    await expect(engine.decoder.step(captions, Int32Array.of(1))).rejects.toMatchObject({ code: "disposed" });
    engine.decoder.release(captions);
  });
});

test("a width that is no multiple of four, or an activation they do not know, is not for these kernels", async () => {
  const odd = oddTransformer({ hiddenSize: 10, heads: 5 });
  expect(await decoderOnWasm(odd, drawDecoder(odd, 1), { there: pause }, () => Promise.resolve(KERNELS))).toBeNull();
});

test("where kernels cannot be read, or there are none, there is no engine", async () => {
  const decoding = oddRecurrent();
  const read = drawDecoder(decoding, 1);
  expect(await decoderOnWasm(decoding, read, { there: pause }, () => Promise.resolve(null))).toBeNull();
  expect(await decoderOnWasm(decoding, read, { there: pause }, () => Promise.reject(new Error("CSP")))).toBeNull();
});

test("placing stops between blocks where it is told to", async () => {
  const decoding = oddTransformer();
  const stop = { there: () => Promise.reject(new Error("stop")) };
  const call = decoderOnWasm(decoding, drawDecoder(decoding, 1), stop, () => Promise.resolve(KERNELS));
  await expect(call).rejects.toThrow("stop");
});
