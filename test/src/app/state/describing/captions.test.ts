import { describe, expect, test } from "vitest";
import { VisionError } from "../../../../../worker/contract/errors.ts";
import {
  answer,
  caption,
  captionerInfo,
  EMBEDDED,
  EMBEDDED_CAPTIONER,
  fakeVision,
  modelInfo,
  settle,
  word,
} from "../../fake-vision.ts";
import { startApp, type StartedApp } from "../../start-app.ts";

const setUp = (hash = ""): Promise<StartedApp> =>
  startApp(fakeVision([...EMBEDDED, EMBEDDED_CAPTIONER]), {
    hash,
    fetchPicture: async () => new Blob(["far"]),
  });

/** With both models in use. */
const setUpDescribing = async (): Promise<StartedApp> => {
  const setup = await setUp();
  setup.vision.loads[0]?.resolve(modelInfo(1));
  void setup.app.models.load(setup.app.models.describer.value!);
  setup.vision.loads[1]?.resolve(captionerInfo(2));
  await settle();
  return setup;
};

const give = async ({ app, vision }: StartedApp, count = 1): Promise<void> => {
  const before = vision.classifications.length;
  app.photos.add(Array.from({ length: count }, (_, i) => ({ name: `${i}.jpg`, content: new Blob([`${i}`]) })));
  for (let i = 0; i < count; i++) {
    await settle();
    vision.classifications[before + i]?.resolve(answer("cat"));
  }
  await settle();
};

const kinds = ({ app }: StartedApp): string[] => app.photos.list.value.map(({ caption: { value } }) => value.kind);

describe("the captioner", () => {
  test("comes when somebody asks for it, beside the model for classes, and goes without it", async () => {
    const { app, vision } = await setUp();
    expect(vision.loads.map(({ input }) => input)).toEqual(["small"]);
    void app.models.load(app.models.describer.value!);
    expect(app.models.describerState.value.kind).toBe("loading");
    vision.loads[1]?.resolve(captionerInfo(2));
    await settle();
    expect(app.models.loading.value?.choice.value).toBe("small"); // not ended by the other
    vision.loads[0]?.resolve(modelInfo(1));
    await settle();
    expect([app.models.current.value?.info.id, app.models.captioner.value?.info.id]).toEqual([1, 2]);
    app.models.dropCaptioner();
    expect(vision.unloaded.map(({ id }) => id)).toEqual([2]);
    expect([app.models.current.value?.info.id, app.models.captioner.value]).toEqual([1, null]);
    expect(app.models.shown.value?.value).toBe("small");
  });

  test("is known by what was loaded, whatever its address; another takes its place", async () => {
    const { app, vision } = await setUpDescribing();
    const own = { value: "hf:a/b", title: "a/b", summary: null, size: null, source: "hf:a/b", describes: false };
    void app.models.load(own);
    vision.loads[2]?.resolve(captionerInfo(3));
    await settle();
    expect([app.models.current.value?.info.id, app.models.captioner.value?.info.id]).toEqual([1, 3]);
    expect(vision.unloaded.map(({ id }) => id)).toEqual([2]);
    expect(app.models.own.value).toEqual([own]);
    await app.models.select("small"); // in use: shown, not loaded again
    expect([vision.loads.length, app.models.shown.value?.value]).toEqual([3, "small"]);
  });

  test("that cannot be had leaves the classes as they are, and says so where it was asked for", async () => {
    const { app, vision } = await setUp();
    vision.loads[0]?.resolve(modelInfo(1));
    void app.models.load(app.models.describer.value!);
    vision.loads[1]?.reject(new VisionError("source-network", "offline"));
    await settle();
    expect(app.models.describerState.value).toMatchObject({ kind: "failed", failure: { code: "source-network" } });
    expect(app.models.current.value?.info.id).toBe(1);
    void app.models.retry();
    expect(app.models.describerState.value.kind).toBe("loading");
  });

  test("travels in a link", async () => {
    const { app } = await setUpDescribing();
    expect(app.shared.write()).toBe("model=small&captioner=small-captioner");
    const { app: other, vision } = await setUp("#captioner=small-captioner");
    expect(vision.loads.map(({ input }) => input)).toEqual(["small", "small-captioner"]);
    other.followLink("#captioner=nobody");
    vision.loads[0]?.resolve(modelInfo(1));
    await settle();
    expect(other.shared.notice.value).toContain("nobody");
  });
});

describe("sentences", () => {
  test("come word by word, one photo after another, the chosen one first, and are told once", async () => {
    const setup = await setUpDescribing();
    const { app, vision } = setup;
    await give(setup, 3);
    app.looking.choose(app.photos.list.value[2]!);
    expect(kinds(setup)).toEqual(["running", "waiting", "waiting"]);
    vision.captions[0]?.options.onWord?.(word("a", 0), 0);
    vision.captions[0]?.options.onWord?.(word("cat", 1), 0);
    expect(app.photos.list.value[0]?.caption.value).toMatchObject({ words: [{ text: "a" }, { text: "cat" }] });
    vision.captions[0]?.resolve(caption("a cat"));
    await settle();
    expect(kinds(setup)).toEqual(["done", "waiting", "running"]);
    expect(app.activity.value).toMatchObject({ label: "Describing photos", amount: "1 of 3" });
    vision.captions[1]?.resolve(caption("a dog"));
    await settle();
    vision.captions[2]?.resolve(caption("a bird"));
    await settle();
    expect(kinds(setup)).toEqual(["done", "done", "done"]);
    expect(app.announcement.value.text).toBe("3 photos described.");
    await give(setup);
    vision.captions[3]?.resolve(caption("a lone tree"));
    await settle();
    expect(app.announcement.value.text).toBe("0.jpg: a lone tree");
  });

  test("are asked for by the settings, and again by others", async () => {
    const setup = await setUpDescribing();
    await give(setup);
    const { app, vision } = setup;
    expect(vision.captions[0]?.options).toMatchObject({ model: { id: 2 }, beams: 3, returned: 3, maxWords: 20 });
    app.captions.change({ beams: 1 });
    await settle();
    expect(vision.captions[0]?.options.signal?.aborted).toBe(true);
    expect(vision.captions[1]?.options).toMatchObject({ beams: 1, returned: 1, maxWords: 20 });
    vision.captions[0]?.options.onWord?.(word("late", 0), 0);
    expect(app.photos.list.value[0]?.caption.value).toMatchObject({ kind: "running", words: [] });
  });

  test("come without a model for classes as well, and of no picture that cannot be read", async () => {
    const setup = await setUp();
    const { app, vision } = setup;
    vision.loads[0]?.reject(new VisionError("source-network", "offline"));
    void app.models.load(app.models.describer.value!);
    vision.loads[1]?.resolve(captionerInfo(2));
    await settle();
    app.photos.add([{ name: "a", content: new Blob() }]);
    await settle();
    expect(kinds(setup)).toEqual(["running"]);
    vision.captions[0]?.resolve(caption("a cat"));
    app.photos.add([{ name: "far", content: new URL("https://example.org/far.jpg") }]);
    await settle();
    expect(await (vision.captions[1]!.input as Blob).text()).toBe("far"); // fetched for it
    const other = await setUpDescribing();
    other.app.photos.add([{ name: "b", content: new Blob() }]);
    await settle();
    other.vision.classifications[0]?.reject(new VisionError("image-empty", ""));
    await settle();
    expect([other.vision.captions.length, other.app.captions.left.value]).toEqual([0, 0]);
  });

  test("of another captioner take the place of the old; without one there are none", async () => {
    const setup = await setUpDescribing();
    await give(setup);
    const { app, vision } = setup;
    vision.captions[0]?.resolve(caption("a cat"));
    await settle();
    app.models.dropCaptioner();
    expect([kinds(setup), app.activity.value?.label]).toEqual([["waiting"], "Finding where it looked"]);
    expect(vision.captions).toHaveLength(1);
    void app.models.load(app.models.describer.value!);
    vision.loads[2]?.resolve(captionerInfo(3));
    await settle();
    expect(vision.captions[1]?.options).toMatchObject({ model: { id: 3 } });
  });

  test("that fail are told with their photo, and a lost worker is forgiven once", async () => {
    const setup = await setUpDescribing();
    await give(setup);
    const { app, vision } = setup;
    vision.captions[0]?.reject(new VisionError("context-lost", "gone"));
    await settle();
    expect(kinds(setup)).toEqual(["running"]);
    vision.captions[1]?.reject(new VisionError("out-of-memory", "full"));
    await settle();
    expect(app.photos.list.value[0]?.caption.value).toMatchObject({ failure: { code: "out-of-memory" } });
    app.captions.retry(app.photos.list.value[0]!);
    await settle();
    expect(vision.captions).toHaveLength(3);
    vision.captions[2]?.reject(new VisionError("invalid-argument", "maxWords: expected at most 16, got 20"));
    await settle();
    expect(app.photos.list.value[0]?.caption.value).toMatchObject({ failure: { advice: "Choose fewer." } });
  });
});

describe("cancelling", () => {
  test("one sentence goes on with the next, all of them leaves none", async () => {
    const setup = await setUpDescribing();
    const { app, vision } = setup;
    await give(setup, 3);
    app.captions.cancel(app.photos.list.value[0]!);
    await settle();
    expect(kinds(setup)).toEqual(["cancelled", "running", "waiting"]);
    app.activity.value?.cancel();
    await settle();
    expect([kinds(setup), vision.captions.length]).toEqual([["cancelled", "cancelled", "cancelled"], 2]);
    expect(app.announcement.value.text).toBe("0 photos described, 3 cancelled.");
    app.captions.retry(app.photos.list.value[2]!);
    expect(kinds(setup)).toEqual(["cancelled", "cancelled", "running"]);
  });

  test("comes with removing the photo", async () => {
    const setup = await setUpDescribing();
    await give(setup);
    setup.app.photos.removeAll();
    expect(setup.vision.captions[0]?.options.signal?.aborted).toBe(true);
    await settle();
    expect(setup.app.captions.left.value).toBe(0);
  });
});
