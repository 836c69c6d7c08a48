import { describe, expect, test } from "vitest";
import type { AppState } from "../../../../src/app/state/app-state.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { answer, captionerInfo, EMBEDDED, EMBEDDED_CAPTIONER, fakeVision, modelInfo, settle } from "../fake-vision.ts";
import { startApp, type StartedApp } from "../start-app.ts";

/** With a model in use, and a captioner that nobody has asked for. */
const setUp = async (): Promise<StartedApp> => {
  const { app, vision } = await startApp(fakeVision([...EMBEDDED, EMBEDDED_CAPTIONER]));
  vision.loads[0]?.resolve(modelInfo(1));
  await settle();
  return { app, vision };
};

const photos = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, content: new Blob(["x"]) }));

const states = (app: AppState): string[] => app.photos.list.value.map((photo) => photo.state.value.kind);
const captions = (app: AppState): string[] => app.photos.list.value.map((photo) => photo.caption.value.kind);

describe("what was cancelled", () => {
  test("goes on all at once, what has its answer stays", async () => {
    const { app, vision } = await setUp();
    app.photos.add(photos(3));
    await settle();
    vision.classifications[0]?.resolve(answer("cat"));
    await settle();
    expect(app.putAside.list.value).toEqual([]);
    app.activity.value?.cancel();
    await settle();
    expect(states(app)).toEqual(["done", "cancelled", "cancelled"]);
    expect(app.putAside.list.value).toHaveLength(2);
    app.putAside.goOn();
    expect(states(app)).toEqual(["done", "running", "running"]);
    expect(app.putAside.list.value).toEqual([]);
  });

  test("may be sentences, for as long as they are asked for", async () => {
    const { app, vision } = await setUp();
    app.photos.add(photos(2));
    await settle();
    for (const call of [0, 1]) {
      vision.classifications[call]?.resolve(answer("cat"));
      await settle();
    }
    void app.models.load(app.models.describer.value!);
    vision.loads[1]?.resolve(captionerInfo(2));
    await settle();
    app.captions.cancelAll();
    await settle();
    expect([captions(app), app.putAside.list.value.length]).toEqual([["cancelled", "cancelled"], 2]);
    app.putAside.goOn();
    expect(captions(app)).toEqual(["running", "waiting"]);
    app.captions.cancelAll();
    await settle();
    app.models.dropCaptioner();
    expect(app.putAside.list.value).toEqual([]);
  });
});

test("leaving the page loses photos, and pictures given to classes", async () => {
  const { app } = await setUp();
  expect(app.holdsPictures.value).toBe(false);
  app.photos.add(photos(1));
  expect(app.holdsPictures.value).toBe(true);
  app.photos.removeAll();
  expect(app.holdsPictures.value).toBe(false);
  const [first] = app.teaching.classes.value;
  app.teaching.addPictures(first!.id, [new File(["x"], "x.png")]);
  expect(app.holdsPictures.value).toBe(true);
});

test("a captioner that does not come is told at the photo it was asked for at, without one beside the models", async () => {
  const { app, vision } = await setUp();
  app.photos.add(photos(1));
  await settle();
  vision.classifications[0]?.resolve(answer("cat"));
  await settle();
  void app.models.load(app.models.describer.value!);
  vision.loads[1]?.reject(new VisionError("source-network", "offline"));
  await settle();
  expect([app.models.failure.value?.code, app.failureAtPhoto.value]).toEqual(["source-network", true]);
  app.photos.removeAll();
  expect(app.failureAtPhoto.value).toBe(false);
});
