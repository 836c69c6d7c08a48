import { afterEach, describe, expect, test } from "vitest";
import { createVision } from "../../src/client/create-vision.ts";
import type { Vision } from "../../src/client/vision.ts";
import type { BackendChoice, ModelInfo } from "../../worker/contract/api.ts";
import type { Caption, CaptionWord } from "../../worker/contract/caption.ts";
import { goldenFile } from "../setup/golden.ts";
import { expectedOf, OWN_CAPTIONERS, type OwnCaptioner } from "../worker/runtime/captioner/captioner-folders.ts";

let vision: Vision | null = null;
afterEach(() => vision?.dispose());

/** A tiny captioner in the real worker, as dropped files. */
async function start(backend: BackendChoice, name: OwnCaptioner): Promise<{ vision: Vision; model: ModelInfo }> {
  vision = await createVision({ backend });
  const names = ["config.json", "preprocessor_config.json", "model.safetensors", "vocabulary.json"];
  const bytes = await Promise.all(names.map((file) => goldenFile(`captioner-folders/${name}/${file}`)));
  return { vision, model: await vision.load(names.map((file, at) => new File([bytes[at]!], file))) };
}

/** The reference's `[T, L]` begin with those of the first word, which is a token of its own. */
function expectFirstMap([first]: readonly CaptionWord[], alphas: Float32Array, digits: number): void {
  first!.map.values.forEach((weight, cell) => expect(weight).toBeCloseTo(alphas[cell]!, digits));
}

describe("a captioner in the worker", () => {
  test.each(["wasm", "cpu"] as const)("says PyTorch's sentences on %s", async (backend) => {
    for (const name of OWN_CAPTIONERS) {
      const { pictures, greedy, alphas } = await expectedOf(name);
      const { vision, model } = await start(backend, name);
      expect(model).toMatchObject({ type: "captioner", labels: [] });
      const captions = await vision.caption(pictures, { beams: 1, maxWords: 8 }); // the model loaded last
      for (const [at, { words, ended }] of captions.entries()) {
        expect(ended).toBe(greedy[at]!.length < 8);
        expectFirstMap(words, alphas[at]!, 5);
      }
      const again = await Promise.all(pictures.map((image) => vision.caption(image, { model, beams: 1, maxWords: 8 })));
      expect(again.map(({ text }) => text)).toEqual(captions.map(({ text }) => text));
      await vision.dispose();
    }
  });

  test("is asked where no model is named, and the one that names classes beside it", async () => {
    const { vision } = await start("wasm", "recurrent");
    const { pictures } = await expectedOf("recurrent");
    await vision.load("/test/golden/vit-hf/");
    expect((await vision.caption(pictures[0]!)).words.length).toBeGreaterThan(0);
    expect((await vision.classify(pictures[0]!)).predictions).toHaveLength(5);
  });

  test("tells words before it answers, each with its picture; a cancelled call tells no more", async () => {
    const { vision, model } = await start("wasm", "recurrent");
    const { pictures } = await expectedOf("recurrent");
    const told: [number, CaptionWord][] = [];
    const captions = await vision.caption(pictures, { model, onWord: (word, photo) => told.push([photo, word]) });
    for (const [photo, { words }] of captions.entries()) {
      expect(told.filter(([of]) => of === photo).map(([, word]) => word)).toEqual(words);
    }
    const controller = new AbortController();
    const cancelled: CaptionWord[] = [];
    const onWord = (word: CaptionWord) => {
      cancelled.push(word);
      controller.abort();
    };
    const call = vision.caption(pictures[0]!, { model, beams: 1, maxWords: 100, onWord, signal: controller.signal });
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
    await vision.caption(pictures[0]!, { model, maxWords: 1 });
    expect(cancelled).toHaveLength(1);
  });

  test("refusals keep their code; the next call works", async () => {
    const { vision, model } = await start("wasm", "recurrent");
    const { pictures } = await expectedOf("recurrent");
    await expect(vision.caption(pictures, { model, beams: 0 })).rejects.toMatchObject({ code: "invalid-argument" });
    await expect(vision.classify(pictures, { model })).rejects.toMatchObject({ code: "model-has-no-head" });
    expect((await vision.caption(pictures[0]!, { model, returned: 3 })).others).toHaveLength(2);
  });

  test("on WebGL says the same, and leaves memory as loading left it, after captions and cancelled calls", async () => {
    const { vision, model } = await start("webgl", "transformer");
    const { gpuBytesAllocated: before, ...baseline } = (await vision.status()).memory;
    const { pictures, alphas } = await expectedOf("transformer");
    const [{ words }] = (await vision.caption(pictures, { model, beams: 1, maxWords: 2 })) as [Caption];
    expectFirstMap(words, alphas[0]!, 3);
    for (let at = 0; at < 5; at++) {
      const controller = new AbortController();
      const call = vision.caption(pictures, { model, beams: 1, maxWords: 2, signal: controller.signal });
      setTimeout(() => controller.abort(), at * 8);
      await call.catch((error: unknown) => expect(error).toMatchObject({ name: "AbortError" }));
    }
    await vision.caption(pictures[0]!, { model, maxWords: 1 }); // behind whatever was still stopping
    const { gpuBytesAllocated: now, ...inUse } = (await vision.status()).memory;
    expect(inUse).toEqual(baseline);
    expect(now).toBeLessThan(before! + 64 * 1024 * 1024);
    await vision.unload(model);
    expect((await vision.status()).memory.tensors).toBe(0);
  });
});
