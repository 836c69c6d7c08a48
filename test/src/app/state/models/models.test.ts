import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import { headedChoice, typedChoice } from "../../../../../src/app/state/models/model-choices.ts";
import { createModels, type Models } from "../../../../../src/app/state/models/models.ts";
import type { Vision } from "../../../../../src/index.ts";
import { abortError, VisionError } from "../../../../../worker/contract/errors.ts";
import { EMBEDDED, EMBEDDED_CAPTIONER, fakeVision, modelInfo, settle, type FakeVision } from "../../fake-vision.ts";

type Setup = { models: Models; vision: FakeVision; announced: string[]; changes: () => number };

const setUp = (): Setup => {
  const vision = fakeVision();
  const announced: string[] = [];
  let changes = 0;
  const models = createModels({
    vision: signal<Vision | null>(vision),
    announce: (text) => announced.push(text),
    onChange: () => (changes += 1),
  });
  return { models, vision, announced, changes: () => changes };
};

/** With the embedded model in use. */
const setUpLoaded = async (): Promise<Setup> => {
  const setup = setUp();
  const started = setup.models.start();
  await settle();
  setup.vision.loads[0]?.resolve(modelInfo(1));
  await started;
  return setup;
};

describe("start", () => {
  test("loads the first embedded model", async () => {
    const { models, vision, announced, changes } = await setUpLoaded();
    expect(vision.loads.map(({ input }) => input)).toEqual(["small"]);
    expect(models.included.value).toMatchObject([{ value: "small", title: "Small", size: "2.5 MB" }]);
    expect(models.current.value).toMatchObject({ choice: { value: "small" }, info: { id: 1 } });
    expect(models.loading.value).toBeNull();
    expect(models.stored.value).toHaveLength(1);
    expect(announced).toEqual(["Small is ready."]);
    expect(changes()).toBe(1);
  });
});

describe("a model given before there is a worker", () => {
  test("is loaded in place of the first, the newest of them", async () => {
    const worker = signal<Vision | null>(null);
    const models = createModels({ vision: worker, announce: () => undefined, onChange: () => undefined });
    await models.load(typedChoice("owner/older")!);
    await models.load(typedChoice("owner/newer")!);
    const vision = fakeVision();
    worker.value = vision;
    const started = models.start();
    await settle();
    expect(vision.loads.map(({ input }) => input)).toEqual(["hf:owner/newer"]);
    vision.loads[0]?.resolve(modelInfo(1));
    await started;
    expect(models.current.value?.choice.value).toBe("hf:owner/newer");
  });
});

describe("retry", () => {
  test("of the first model gets it, and until then nothing is on its way", async () => {
    const { models, vision } = setUp();
    expect(models.coming.value).toBe(true);
    const started = models.start();
    await settle();
    vision.loads[0]?.reject(new VisionError("source-network", "offline"));
    await started;
    expect([models.coming.value, models.canRetry.value]).toEqual([false, true]);
    const retried = models.retry();
    expect([models.coming.value, models.canRetry.value]).toEqual([true, false]);
    vision.loads[1]?.resolve(modelInfo(1));
    await retried;
    expect(models.current.value?.choice.value).toBe("small");
    expect(models.coming.value).toBe(false);
  });

  test("of the list of models fills the picker, and loads the first", async () => {
    const { models, vision } = setUp();
    vision.embeddedModels = () => Promise.reject(new VisionError("source-network", "offline"));
    await models.start();
    expect([models.included.value, models.coming.value, models.canRetry.value]).toEqual([[], false, true]);
    vision.embeddedModels = async () => EMBEDDED;
    const retried = models.retry();
    await settle();
    vision.loads[0]?.resolve(modelInfo(1));
    await retried;
    expect(models.current.value?.choice.value).toBe("small");
  });

  test("of the list of models loads what was wanted before, and since", async () => {
    const { models, vision } = setUp();
    const [first, other] = [EMBEDDED[0]!, { ...EMBEDDED[0]!, name: "other" }];
    vision.embeddedModels = () => Promise.reject(new VisionError("source-network", "offline"));
    await models.start(["other"]);
    vision.embeddedModels = async () => [first, other];
    const retried = models.retry();
    void models.select(EMBEDDED_CAPTIONER.name); // a link that is followed meanwhile
    vision.embeddedModels = async () => [first, other, EMBEDDED_CAPTIONER];
    await settle();
    expect(vision.loads.map(({ input }) => input)).toEqual(["other"]);
    vision.loads[0]?.resolve(modelInfo(1));
    await retried;
    void models.start();
    await settle();
    expect(vision.loads.map(({ input }) => input)).toEqual(["other", EMBEDDED_CAPTIONER.name]);
  });

  test("is offered beside a model in use only where it may help", async () => {
    const { models, vision } = await setUpLoaded();
    for (const [call, code] of (["config-unsupported", "source-truncated"] as const).entries()) {
      const loaded = models.select("hf:facebook/deit-tiny-patch16-224");
      vision.loads[call + 1]?.reject(new VisionError(code, ""));
      await loaded;
      expect(models.canRetry.value).toBe(code === "source-truncated");
    }
    const retried = models.retry();
    vision.loads[3]?.resolve(modelInfo(2));
    await retried;
    expect(models.current.value?.choice.title).toBe("DeiT Tiny");
  });

  test("is not waited for once the first load is cancelled", async () => {
    const { models } = setUp();
    const started = models.start();
    await settle();
    models.cancel();
    expect([models.coming.value, models.failure.value]).toEqual([false, null]);
    await started;
  });
});

describe("load", () => {
  test("tells its progress, then replaces and unloads the model in use", async () => {
    const { models, vision, changes } = await setUpLoaded();
    const loaded = models.select("hf:facebook/deit-tiny-patch16-224");
    const progress = { stage: "download", loaded: 5, total: 9, file: null, fromCache: false } as const;
    vision.loads[1]?.options.onProgress?.(progress);
    expect(models.loading.value).toMatchObject({ choice: { title: "DeiT Tiny" }, progress });
    vision.loads[1]?.resolve(modelInfo(2));
    await loaded;
    expect(models.current.value?.info.id).toBe(2);
    expect(vision.unloaded.map(({ id }) => id)).toEqual([1]);
    expect(changes()).toBe(2);
  });

  test("that fails leaves the model in use, and names the error", async () => {
    const { models, vision, announced, changes } = await setUpLoaded();
    const loaded = models.load(typedChoice("https://example.org/nothing/")!);
    vision.loads[1]?.reject(new VisionError("source-not-found", "404"));
    await loaded;
    expect(models.failure.value).toMatchObject({ code: "source-not-found", detail: "404" });
    expect(models.current.value?.info.id).toBe(1);
    expect(models.loading.value).toBeNull();
    expect(models.own.value).toEqual([]);
    expect([vision.unloaded.length, changes(), announced.length]).toEqual([0, 1, 2]);
  });

  test("can be cancelled, without an error", async () => {
    const { models, vision } = await setUpLoaded();
    const loaded = models.select("hf:google/vit-base-patch16-224");
    models.cancel();
    await loaded;
    expect(vision.loads[1]?.options.signal?.aborted).toBe(true);
    expect([models.loading.value, models.failure.value]).toEqual([null, null]);
    expect(models.current.value?.info.id).toBe(1);
  });

  test("ends the load before it, even one that finishes all the same", async () => {
    const { models, vision } = await setUpLoaded();
    const first = models.select("hf:google/vit-base-patch16-224");
    vision.loads[1]?.resolve(modelInfo(2)); // before its abort is heard
    const second = models.select("hf:facebook/deit-tiny-patch16-224");
    vision.loads[2]?.resolve(modelInfo(3));
    await Promise.all([first, second]);
    expect(models.current.value?.info.id).toBe(3);
    expect(vision.unloaded.map(({ id }) => id)).toEqual([2, 1]);
  });

  test("of a typed model keeps it in the picker, once", async () => {
    const { models, vision } = await setUpLoaded();
    for (const id of [2, 3]) {
      const loaded = models.load(typedChoice("someone/some-vit")!);
      expect(models.own.value.map(({ value }) => value)).toEqual(["hf:someone/some-vit"]); // while it loads as well
      vision.loads[id - 1]?.resolve(modelInfo(id));
      await loaded;
    }
    expect(models.own.value).toHaveLength(1);
  });
});

describe("classes that are taught", () => {
  const head = (label: string) => ({ labels: [label, "other"], weight: [[1], [2]], bias: [0, 0] });

  test("have one entry for a model, and what was taught to it before is unloaded", async () => {
    const { models, vision } = await setUpLoaded();
    for (const [at, label] of ["cat", "sun"].entries()) {
      const loaded = models.load(headedChoice(models.current.value!.choice, head(label)));
      vision.loads[at + 1]?.resolve(modelInfo(at + 2));
      await loaded;
    }
    expect(models.own.value.map(({ title }) => title)).toEqual(["Yours: sun, other"]);
    expect(vision.unloaded.map(({ id }) => id)).toEqual([1, 2]);
    expect(models.find("small")).toBe(models.included.value[0]);
    expect(models.find("elsewhere")).toBeNull();
  });

  test("that fail to load are told to who asked for them, in place of the page", async () => {
    const { models, vision, announced } = await setUpLoaded();
    const told: string[] = [];
    const ask = (call: number, error: Error) => {
      const loaded = models.load(headedChoice(models.current.value!.choice, head("cat")), ({ code }) =>
        told.push(code),
      );
      vision.loads[call]?.reject(error);
      return loaded;
    };
    await ask(1, new VisionError("invalid-argument", "head: weight"));
    await ask(2, abortError());
    expect([told, models.failure.value, announced.length]).toEqual([["invalid-argument"], null, 1]);
  });
});

test("what another tab has deleted is gone from the list once it is read anew", async () => {
  const { models, vision } = await setUpLoaded();
  vision.storedModels = async () => [];
  await models.refreshStored();
  expect(models.stored.value).toEqual([]);
});

test("forget deletes one stored model", async () => {
  const { models, vision } = await setUpLoaded();
  await models.forget("https://example.org/vit/");
  expect(vision.forgotten).toEqual(["https://example.org/vit/"]);
});
