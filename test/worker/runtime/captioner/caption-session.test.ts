import { memory } from "@tensorflow/tfjs-core";
import { afterEach, describe, expect, test } from "vitest";
import { nodeBackends } from "../../../../src/node/backends.ts";
import type { BackendName } from "../../../../worker/contract/api.ts";
import type { CaptionQuestion, CaptionSentence, CaptionWord } from "../../../../worker/contract/caption.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../../../worker/contract/pixels.ts";
import type { Progress } from "../../../../worker/contract/progress.ts";
import { Session, type Host } from "../../../../worker/runtime/session.ts";
import { readVocabulary } from "../../../../worker/text/vocabulary.ts";
import { goldenFolder, maxDifference } from "../../../setup/golden.ts";
import { expectRefusal } from "../../checkpoint/code-of.ts";
import { expectedOf, goldenJson, gpt2Folder, OWN_CAPTIONERS, ownFolder, picture } from "./captioner-folders.ts";

/** Pictures come ready-made here; decoding has its own tests. */
const host: Host = {
  drivers: nodeBackends,
  decode: async (image) => {
    if (typeof image === "object" && "data" in image) return image;
    throw new VisionError("image-corrupt", "picture: none");
  },
};
const BACKENDS = ["wasm", "cpu"] as const;

let session: Session | null = null;
afterEach(() => session?.dispose());

async function start(folder: ModelFolder, backend: BackendName = "wasm") {
  const running = (session = await Session.start(host, backend, () => undefined));
  const info = await running.load(1, folder);
  const say = (images: readonly RgbImage[], question: CaptionQuestion = {}) =>
    running.caption(images, { model: 1, ...question });
  return { running, info, say };
}

const sumOf = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0);

describe.each(OWN_CAPTIONERS)("our %s captioner, from its folder to its sentence", (name) => {
  test.each(BACKENDS)(
    "is PyTorch's on %s: words, where it looked for each, and the best of all short ones",
    async (backend) => {
      const { say, info } = await start(ownFolder(name), backend);
      const { pictures, greedy, best, best_score, alphas } = await expectedOf(name);
      const vocabulary = readVocabulary(await goldenJson(`captioner-folders/${name}/vocabulary.json`));
      const decode = (tokens: readonly number[]): string => vocabulary.decode(tokens);
      expect(info).toMatchObject({ type: "captioner", labels: [] });
      for (const [at, one] of (await say(pictures, { beams: 1, maxWords: 8 })).entries()) {
        expect(one.text).toBe(decode(greedy[at]!));
        expect(one.ended).toBe(greedy[at]!.length < 8);
        const looked = wordMaps(greedy[at]!, alphas[at]!, decode);
        expect(one.words.map(({ text }) => text)).toEqual(looked.map(({ text }) => text));
        for (const [word, { map }] of one.words.entries()) {
          expect(map.grid).toEqual(info.grid);
          expect(maxDifference(map.values, looked[word]!.values)).toBeLessThan(1e-5);
        }
      }
      const wide = { beams: 128, lengthPenalty: 1, earlyStopping: "never", maxWords: 3 } as const;
      for (const [at, one] of (await say(pictures, wide)).entries()) {
        expect(one.text).toBe(decode(best[at]!));
        expect(one.score).toBeCloseTo(best_score[at]!, 4);
      }
    },
  );

  test.each(BACKENDS)("tells how much of it is placed, to the last parameter, on %s", async (backend) => {
    const told: Progress[] = [];
    const running = (session = await Session.start(host, backend, () => undefined));
    await running.load(1, ownFolder(name), {
      onProgress: (progress) => void told.push(progress),
    });
    const placed = told.filter(({ stage }) => stage === "prepare");
    expect(placed.at(-1)!.loaded).toBe(placed[0]!.total);
    expect(placed.map(({ loaded }) => loaded)).toEqual(placed.map(({ loaded }) => loaded).sort((a, b) => a - b));
  });

  test("says of pictures together what it says of each alone, and of many what it says of few", async () => {
    const { say } = await start(ownFolder(name));
    const pictures = Array.from({ length: 11 }, (_, at) => picture(9 + 5 * at, 60 - 4 * at));
    const together = await say(pictures, { returned: 2 });
    expect(together).toHaveLength(11);
    for (const [at, image] of pictures.entries()) {
      const [alone] = await say([image], { returned: 2 });
      const { milliseconds, ...one } = together[at]!;
      expect(milliseconds.model).toBeGreaterThan(0);
      expect([one.text, one.seen, one.others.map(({ text }) => text)]).toEqual([
        alone!.text,
        alone!.seen,
        alone!.others.map(({ text }) => text),
      ]);
      expect(one.score).toBeCloseTo(alone!.score, 5);
      one.words.forEach(({ map }, word) =>
        expect(maxDifference(map.values, alone!.words[word]!.map.values)).toBeLessThan(1e-5),
      );
    }
  });
});

/** The words of a sentence and what was looked at for each, the mean over its tokens. */
function wordMaps(tokens: readonly number[], alphas: Float32Array, decode: (tokens: readonly number[]) => string) {
  const places = alphas.length / tokens.length;
  const words: { ids: number[]; values: Float64Array }[] = [];
  for (const [at, token] of tokens.entries()) {
    const goesOn = decode([token]).startsWith("'") && at > 0;
    if (!goesOn) words.push({ ids: [], values: new Float64Array(places) });
    const word = words.at(-1)!;
    word.ids.push(token);
    word.values.forEach((sum, cell) => (word.values[cell] = sum + alphas[at * places + cell]!));
  }
  return words.map(({ ids, values }) => ({ text: decode(ids), values: values.map((sum) => sum / ids.length) }));
}

describe("what comes with a sentence", () => {
  test.each(OWN_CAPTIONERS)("maps of our %s captioner sum to 1 and tell their range", async (name) => {
    const { say } = await start(ownFolder(name));
    const [one] = await say([picture(50, 30)], { returned: 3 });
    for (const { map } of [one!, ...one!.others].flatMap(({ words }) => words)) {
      expect(sumOf(map.values)).toBeCloseTo(1, 5);
      expect(map).toMatchObject({
        method: "caption",
        range: { min: Math.min(...map.values), max: Math.max(...map.values) },
        seen: one!.seen,
        settings: { layer: null, head: null, query: null, target: null, discard: null },
      });
    }
  });

  test("a GPT-2 that looks at the class token too leaves that share out of its maps", async () => {
    const { say, info } = await start(await gpt2Folder());
    const [one] = await say([picture(50, 30)]);
    expect(info.grid).toEqual({ width: 4, height: 4 });
    for (const { map } of one!.words) {
      expect(map.values).toHaveLength(16);
      expect(sumOf(map.values)).toBeGreaterThan(0);
      expect(sumOf(map.values)).toBeLessThan(0.9999);
    }
  });

  test("probabilities multiply to the sentence's, and alternatives are the likeliest, best first", async () => {
    const { say } = await start(ownFolder("recurrent"));
    const [one] = await say([picture(50, 30)], { alternatives: 4, maxWords: 6 });
    const likely = one!.words.reduce((product, { probability }) => product * probability, 1);
    if (!one!.ended) expect(Math.log(likely)).toBeCloseTo(one!.logProbability, 4);
    expect(one!.score).toBeCloseTo(one!.logProbability / (one!.words.length + Number(one!.ended)), 1);
    for (const { alternatives } of one!.words) {
      const told = alternatives.map(({ probability }) => probability);
      expect(told).toEqual([...told].sort((a, b) => b - a));
      expect(told).toHaveLength(4); // though what is never said may be among the likeliest
      expect(alternatives.map(({ text }) => text)).not.toContain("<unk>");
    }
    const [bare] = await say([picture(50, 30)], { alternatives: 0 });
    expect(bare!.words.flatMap(({ alternatives }) => alternatives)).toEqual([]);
  });

  test("sentences come best first, no more than were asked for and none twice", async () => {
    const { say } = await start(await gpt2Folder());
    const [one] = await say([picture(50, 30)], { beams: 6, returned: 4, maxWords: 5 });
    const all: CaptionSentence[] = [one!, ...one!.others];
    expect(new Set(all.map(({ text }) => text)).size).toBe(4);
    expect(all.map(({ score }) => score)).toEqual(all.map(({ score }) => score).sort((a, b) => b - a));
  });

  test("a drawn sentence depends on its seed alone", async () => {
    const { say } = await start(await gpt2Folder());
    const draw = async (seed: number) => {
      const [one] = await say([picture(50, 30)], { sampling: { seed, temperature: 3 }, returned: 2 });
      return [one!.text, one!.others[0]!.text];
    };
    expect(await draw(5)).toEqual(await draw(5));
    expect(await draw(5)).not.toEqual(await draw(6));
  });
});

describe("words as they are said", () => {
  test.each([1, 3])("come in order, whole and before the end, with %s beams", async (beams) => {
    const { running } = await start(await gpt2Folder());
    const pictures = Array.from({ length: 10 }, (_, at) => picture(20 + 7 * at, 50));
    const told = new Map<number, CaptionWord[]>();
    let answered = false;
    const early: boolean[] = [];
    const said = running.caption(pictures, { model: 1, beams }, {}, (photo, word) => {
      told.set(photo, [...(told.get(photo) ?? []), word]);
      early.push(!answered);
    });
    const captions = await said.finally(() => (answered = true));
    expect(early.every(Boolean)).toBe(true);
    for (const [photo, { words }] of captions.entries()) expect(told.get(photo) ?? []).toEqual(words);
  });

  test("a greedy sentence's first word comes after as many steps as it has tokens, not after all", async () => {
    const { running } = await start(await gpt2Folder());
    const steps: string[] = [];
    const options = { onProgress: ({ stage, loaded }: Progress) => steps.push(`${stage} ${loaded}`) };
    const controller = new AbortController();
    const first = new Promise<CaptionWord>((resolve) => {
      running
        .caption([picture(40, 40)], { model: 1, beams: 1 }, { ...options, signal: controller.signal }, (_, word) => {
          controller.abort(); // the sentence is never finished
          resolve(word);
        })
        .catch((error: unknown) => steps.push((error as Error).name));
    });
    expect((await first).text).not.toBe("");
    await running.caption([picture(8, 8)], { model: 1, maxWords: 1 }, options);
    expect(steps).toEqual(["AbortError", "caption 1"]);
  });
});

describe("the end of a call", () => {
  test.each(BACKENDS)("100 captions, 20 cancelled and 20 refused leave what loading left on %s", async (backend) => {
    const { running } = await start(await gpt2Folder(), backend);
    const baseline = running.status().memory;
    for (let at = 0; at < 100; at++) {
      await running.caption([picture(1 + (at % 60), 61 - (at % 60))], { model: 1, beams: 1 + (at % 3), maxWords: 5 });
    }
    for (let at = 0; at < 20; at++) {
      const controller = new AbortController();
      const call = running.caption([picture(30, 30)], { model: 1 }, { signal: controller.signal });
      setTimeout(() => controller.abort(), at % 5);
      await call.catch((error: unknown) => expect(error).toMatchObject({ name: "AbortError" }));
    }
    for (let at = 0; at < 20; at++) {
      await expectRefusal(() => running.caption([picture(9, 9)], { model: 1, beams: 0 }), "invalid-argument");
    }
    await running.caption([picture(8, 8)], { model: 1, maxWords: 1 });
    expect(running.status()).toMatchObject({ memory: baseline, queued: 0 });
    await running.unload(1);
    expect(memory().numTensors).toBe(0);
  });

  test("a cancelled call computes no further step", async () => {
    const { running } = await start(await gpt2Folder());
    const controller = new AbortController();
    const words: CaptionWord[] = [];
    const call = running.caption(
      [picture(30, 30)],
      { model: 1, beams: 1 },
      { signal: controller.signal },
      (_, word) => {
        words.push(word);
        if (words.length === 2) controller.abort();
      },
    );
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await running.caption([picture(8, 8)], { model: 1, maxWords: 1 });
    expect(words).toHaveLength(2);
  });
});

describe("refused, and told why", () => {
  const ask = async (question: object, ...words: string[]) => {
    const running = session!;
    const call = () => running.caption([picture(8, 8)], { model: 1, ...question });
    await expectRefusal(call, "invalid-argument", ...words);
  };

  test("settings that make no sense or that nobody knows", async () => {
    const { running } = await start(await gpt2Folder());
    const before = memory().numTensors;
    await ask({ maxWords: 0 }, "maxWords", "1 to 512", "0");
    await ask({ maxWords: 10_000 }, "maxWords", "1 to 512", "10000");
    await ask({ beams: 0 }, "beams", "1 to 128", "0");
    await ask({ beams: 1000 }, "beams", "1 to 128", "1000");
    await ask({ beams: 2, returned: 3 }, "returned", "1 to 2", "3");
    await ask({ beams: 2, sampling: { seed: 1 } }, "beams", "1 while sampling");
    await ask({ alternatives: 51 }, "alternatives");
    await ask({ maxWords: 25 }, "maxWords", "24 positions", "25"); // what its table of positions holds
    await ask({ numBeams: 3 }, "numBeams", "beams, maxWords");
    await ask({ suppressed: [1] }, "suppressed");
    await ask({ sampling: { topk: 5 } }, "sampling", "temperature, topK", "topk");
    await ask({ sampling: true }, "sampling", "boolean");
    await ask({ earlyStopping: "soon" }, "earlyStopping", "never", "soon");
    expect(memory().numTensors).toBe(before);
    const stated = { model: 1, beams: undefined, maxWords: 24, sampling: undefined };
    expect(await running.caption([picture(8, 8)], stated)).toHaveLength(1);
  });

  test("classes of a captioner, and a caption of a classifier", async () => {
    const { running } = await start(ownFolder("recurrent"));
    await running.load(2, goldenFolder("vit-hf"));
    const images = [picture(8, 8)];
    await expectRefusal(
      () => running.classify(images, { model: 1, topK: 1 }),
      "model-has-no-head",
      "recurrent",
      "caption",
    );
    await expectRefusal(
      () => running.caption(images, { model: 2 }),
      "model-has-no-head",
      "vit-hf",
      "everyday-captioner",
    );
  });

  test("a class-specific map of a captioner; its encoder's attention is explained as ever", async () => {
    const { running } = await start(ownFolder("transformer"));
    const image = picture(40, 30);
    await expectRefusal(() => running.explain(image, { model: 1, method: "grad-cam" }), "model-has-no-head");
    expect(await running.explain(image, { model: 1 })).toMatchObject({
      method: "rollout",
      grid: { width: 4, height: 4 },
    });
    await running.load(2, ownFolder("recurrent"));
    expect(await running.explain(image, { model: 2 })).toMatchObject({
      method: "module",
      grid: { width: 16, height: 12 },
    });
  });

  test("no pictures are no captions; a bad one fails the call", async () => {
    const { running } = await start(ownFolder("recurrent"));
    expect(await running.caption([], { model: 1 })).toEqual([]);
    await expect(running.caption([picture(8, 8), "nothing"], { model: 1 })).rejects.toMatchObject({
      code: "image-corrupt",
    });
  });
});
