import { describe, expect, test, vi } from "vitest";
import { createPhotos, type Photos } from "../../../../src/app/state/photos.ts";
import { createThumbnails } from "../../../../src/app/state/thumbnails.ts";
import type { ModelInfo } from "../../../../src/index.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { answer, fakeVision, modelInfo, settle, type FakeVision } from "../fake-vision.ts";

type Setup = { photos: Photos; vision: FakeVision; announced: string[]; useModel: (model: ModelInfo | null) => void };

const setUp = (model: ModelInfo | null = modelInfo(1)): Setup => {
  const vision = fakeVision();
  const announced: string[] = [];
  let inUse = model;
  const photos = createPhotos({
    model: () => inUse,
    classify: (picture, info, signal) => vision.classify(picture, { model: info, signal }),
    fetchPicture: async (url) => new Blob([url.href]),
    thumbnails: createThumbnails(async (picture) => picture),
    announce: (text) => announced.push(text),
  });
  return { photos, vision, announced, useModel: (next) => (inUse = next) };
};

const file = (name: string): { name: string; content: Blob } => ({ name, content: new Blob([name]) });
const files = (count: number) => Array.from({ length: count }, (_, i) => file(`${i}.jpg`));
const states = (photos: Photos): string[] => photos.list.value.map((photo) => photo.state.value.kind);

describe("the queue", () => {
  test("asks about photos in the order they were given, about the next while the model has one", async () => {
    const { photos, vision, announced } = setUp();
    photos.add(files(50));
    for (let done = 0; done < 50; done++) {
      await settle();
      expect(vision.classifications).toHaveLength(Math.min(done + 2, 50));
      expect(await (vision.classifications[done]?.input as Blob).text()).toBe(`${done}.jpg`);
      expect(photos.finished.value).toBe(done);
      vision.classifications[done]?.resolve(answer("cat"));
    }
    await settle();
    expect(new Set(states(photos))).toEqual(new Set(["done"]));
    expect(announced).toEqual(["50 photos classified."]);
  });

  test("puts the newest photos first", () => {
    const { photos } = setUp(null);
    photos.add([file("a"), file("b")]);
    photos.add([file("c")]);
    expect(photos.list.value.map(({ name }) => name)).toEqual(["c", "a", "b"]);
  });

  test("asks about what is given last before what still waits", async () => {
    const { photos, vision } = setUp();
    photos.add([file("a"), file("b"), file("c")]);
    photos.add([file("d"), file("e")]);
    for (let done = 0; done < 5; done++) {
      await settle();
      vision.classifications[done]?.resolve(answer("cat"));
    }
    const asked = await Promise.all(vision.classifications.map(({ input }) => (input as Blob).text()));
    expect(asked).toEqual(["a", "b", "d", "e", "c"]);
  });

  test("goes on after a failure, and keeps the error with its photo", async () => {
    const { photos, vision, announced } = setUp();
    photos.add(files(2));
    await settle();
    vision.classifications[0]?.reject(new VisionError("image-empty", "0 bytes"));
    await settle();
    vision.classifications[1]?.resolve(answer("dog"));
    await settle();
    expect(states(photos)).toEqual(["failed", "done"]);
    expect(photos.list.value[0]?.state.value).toMatchObject({ failure: { code: "image-empty", detail: "0 bytes" } });
    expect(announced).toEqual(["1 photo classified, 1 failed."]);
  });

  test("waits for a model, and starts with it", async () => {
    const { photos, vision, useModel } = setUp(null);
    photos.add(files(1));
    await settle();
    expect(states(photos)).toEqual(["waiting"]);
    useModel(modelInfo(7));
    photos.classifyAgain();
    await settle();
    expect(vision.classifications[0]?.options).toMatchObject({ model: { id: 7 } });
  });

  test("fetches a picture given by its address, once", async () => {
    const { photos, vision } = setUp();
    photos.add([{ name: "far", content: new URL("https://example.org/far.png") }]);
    await settle();
    vision.classifications[0]?.resolve(answer("cat"));
    await settle();
    expect(await (vision.classifications[0]?.input as Blob).text()).toBe("https://example.org/far.png");
    expect(photos.list.value[0]?.content).toBe(vision.classifications[0]?.input);
  });
});

describe("cancelling", () => {
  test("the running photo frees the queue for the next", async () => {
    const { photos, vision } = setUp();
    photos.add(files(3));
    await settle();
    expect(states(photos)).toEqual(["running", "running", "waiting"]);
    photos.cancel(photos.list.value[0]!);
    await settle();
    expect(states(photos)).toEqual(["cancelled", "running", "running"]);
    expect(vision.classifications[0]?.options.signal?.aborted).toBe(true);
  });

  test("all of them leaves none waiting, and one can be tried again", async () => {
    const { photos, vision } = setUp();
    photos.add(files(3));
    await settle();
    photos.cancelAll();
    await settle();
    expect(states(photos)).toEqual(["cancelled", "cancelled", "cancelled"]);
    expect(vision.classifications).toHaveLength(2);
    photos.retry(photos.list.value[2]!);
    await settle();
    expect(states(photos)).toEqual(["cancelled", "cancelled", "running"]);
  });

  test("all of them is told with those that still waited", async () => {
    const { photos, vision, announced } = setUp();
    photos.add(files(60));
    await settle();
    vision.classifications[0]?.resolve(answer("cat"));
    await settle();
    photos.cancelAll();
    await settle();
    expect(announced).toEqual(["1 photo classified, 59 cancelled."]);
  });

  test("one that waits counts as finished, until it is tried again", async () => {
    const { photos } = setUp();
    photos.add(files(3));
    await settle();
    photos.cancel(photos.list.value[2]!);
    expect(photos.finished.value).toBe(1);
    photos.retry(photos.list.value[2]!);
    expect([photos.finished.value, states(photos)]).toEqual([0, ["running", "running", "waiting"]]);
  });

  test("removing photos aborts the running one and revokes every thumbnail", async () => {
    const revoke = vi.spyOn(URL, "revokeObjectURL");
    const { photos, vision, announced } = setUp();
    photos.add(files(3));
    await settle();
    const urls = photos.list.value.map((photo) => photo.thumbnail.value);
    photos.removeAll();
    await settle();
    expect(photos.list.value).toEqual([]);
    expect(vision.classifications.map(({ options }) => options.signal?.aborted)).toEqual([true, true]);
    expect(revoke.mock.calls.flat()).toEqual(urls);
    expect(announced).toEqual([]);
    revoke.mockRestore();
  });
});

describe("another model", () => {
  test("classifies what was done and what is running again, not what cannot be read", async () => {
    const { photos, vision, useModel } = setUp();
    photos.add(files(4));
    await settle();
    vision.classifications[0]?.resolve(answer("cat"));
    await settle();
    vision.classifications[1]?.reject(new VisionError("image-corrupt", ""));
    await settle(); // the third and fourth are running
    useModel(modelInfo(2));
    photos.classifyAgain();
    await settle();
    expect(states(photos)).toEqual(["running", "failed", "running", "waiting"]);
    for (let call = 4; call < 7; call++) {
      expect(vision.classifications[call]?.options).toMatchObject({ model: { id: 2 } });
      vision.classifications[call]?.resolve(answer("dog"));
      await settle();
    }
    expect(states(photos)).toEqual(["done", "failed", "done", "done"]);
  });
});

test("what was cancelled stays so when another model comes, even just before", async () => {
  const { photos, vision, useModel } = setUp();
  photos.add(files(4));
  await settle();
  photos.cancelAll(); // two of them run, and have not heard of it yet
  useModel(modelInfo(2));
  photos.classifyAgain();
  await settle();
  expect(states(photos)).toEqual(["cancelled", "cancelled", "cancelled", "cancelled"]);
  expect(vision.classifications).toHaveLength(2);
});

describe("a lost worker", () => {
  test("is given the same photo once more, then no more", async () => {
    const { photos, vision } = setUp();
    photos.add(files(1));
    await settle();
    vision.classifications[0]?.reject(new VisionError("context-lost", "the GPU was lost"));
    await settle();
    expect(states(photos)).toEqual(["running"]);
    vision.classifications[1]?.reject(new VisionError("worker-crashed", "again"));
    await settle();
    expect(states(photos)).toEqual(["failed"]);
    expect(vision.classifications).toHaveLength(2);
  });

  test("is given its photos alone from then on, so that the one at fault takes no other along", async () => {
    const { photos, vision } = setUp();
    photos.add(files(3));
    await settle();
    for (const call of vision.classifications) call.reject(new VisionError("worker-crashed", "one of the two"));
    await settle();
    expect(states(photos)).toEqual(["running", "waiting", "waiting"]);
    vision.classifications[2]?.reject(new VisionError("worker-crashed", "this one"));
    await settle();
    expect(states(photos)).toEqual(["failed", "running", "waiting"]);
    vision.classifications[3]?.resolve(answer("cat"));
    await settle();
    expect(states(photos)).toEqual(["failed", "done", "running"]);
  });
});
