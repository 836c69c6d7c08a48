import { expect, test } from "vitest";
import { describeLoad } from "../../../../src/app/state/activity.ts";
import { HUB_PRESETS } from "../../../../src/app/state/models/model-choices.ts";
import type { Progress } from "../../../../src/index.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { answer, matrix, modelInfo, settle } from "../fake-vision.ts";
import { startApp } from "../start-app.ts";

const photos = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `${i}`, content: new Blob(["x"]) }));

test("the model comes first, then the photos that waited for it, then where it looked, then nothing", async () => {
  const { app, vision } = await startApp();
  app.photos.add(photos(2));
  expect(app.activity.value?.label).toBe("Preparing Small");
  vision.loads[0]?.resolve(modelInfo(1));
  await settle();
  expect(app.activity.value).toMatchObject({ label: "Classifying photos", amount: "0 of 2", value: 0, max: 2 });
  vision.classifications[0]?.resolve(answer("cat"));
  await settle();
  expect(app.activity.value).toMatchObject({ amount: "1 of 2", value: 1, max: 2 });
  vision.classifications[1]?.resolve(answer("cat"));
  await settle();
  expect(app.activity.value).toMatchObject({ label: "Finding where it looked", value: null });
  vision.maps[0]?.resolve(matrix());
  await settle();
  expect(app.activity.value).toBeNull();
});

test("its cancel ends the photos", async () => {
  const { app, vision } = await startApp();
  vision.loads[0]?.resolve(modelInfo(1));
  await settle();
  app.photos.add(photos(2));
  app.activity.value?.cancel();
  await settle();
  expect(app.activity.value).toBeNull();
  expect(app.photos.list.value.map((photo) => photo.state.value.kind)).toEqual(["cancelled", "cancelled"]);
});

test("photos given after a model failed go to the one in use, and end the failure", async () => {
  const { app, vision } = await startApp();
  app.photos.add(photos(1));
  vision.loads[0]?.reject(new VisionError("source-network", "offline"));
  await settle();
  app.photos.add(photos(1));
  expect(app.models.failure.value?.code).toBe("source-network"); // none is in use
  void app.models.retry();
  vision.loads[1]?.resolve(modelInfo(1));
  await settle();
  void app.models.load(HUB_PRESETS[0]!);
  vision.loads[2]?.reject(new VisionError("config-unsupported", "a bird"));
  await settle();
  expect(app.models.failure.value?.code).toBe("config-unsupported");
  app.photos.add(photos(1));
  expect(app.models.failure.value).toBeNull();
});

test("closing the page disposes of everything", async () => {
  const { app, vision } = await startApp();
  await app.dispose();
  expect(vision.disposed).toBe(true);
});

test.each<[Partial<Progress>, string, string, number | null]>([
  [{ stage: "download", loaded: 1_200_000, total: 2_500_000 }, "Downloading ViT Tiny", "1.2 MB of 2.5 MB", 1_200_000],
  [{ stage: "download", loaded: 1_200_000, total: null }, "Downloading ViT Tiny", "1.2 MB", null],
  [{ stage: "download", loaded: 90_000, total: 90_000, fromCache: true }, "Reading ViT Tiny", "90 KB of 90 KB", 90_000],
  [{ stage: "download", loaded: 294, total: 294 }, "Downloading ViT Tiny", "", null],
  [{ stage: "download", loaded: 294, total: null }, "Downloading ViT Tiny", "", null],
  [{ stage: "download", loaded: 0, total: 2_500_000 }, "Downloading ViT Tiny", "0 B of 2.5 MB", 0],
  [{ stage: "prepare", loaded: 5, total: 10 }, "Preparing ViT Tiny", "", 5],
])("%o", (progress, label, amount, value) => {
  const whole = { loaded: 0, total: null, file: null, fromCache: false, stage: "download", ...progress } as const;
  expect(describeLoad({ choice: HUB_PRESETS[0]!, progress: whole })).toMatchObject({ label, amount, value });
});
