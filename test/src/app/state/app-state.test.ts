import { expect, test } from "vitest";
import { createAppState, type AppState } from "../../../../src/app/state/app-state.ts";
import { EMBEDDED, EMBEDDED_CAPTIONER, fakeVision, modelInfo, settle, type FakeVision } from "../fake-vision.ts";

/** With a model in use, and a captioner that nobody has asked for. */
const setUp = async (): Promise<{ app: AppState; vision: FakeVision }> => {
  const vision = fakeVision([...EMBEDDED, EMBEDDED_CAPTIONER]);
  const app = createAppState({
    startVision: async () => vision,
    backend: "auto",
    drawThumbnail: async () => null,
    fetchPicture: () => Promise.reject(new Error("no address was given")),
  });
  void app.start();
  await settle();
  vision.loads[0]?.resolve(modelInfo(1));
  await settle();
  return { app, vision };
};

const photos = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, content: new Blob(["x"]) }));

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
