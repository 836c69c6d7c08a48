import { expect, test } from "vitest";
import type { AppState } from "../../../../../src/app/state/app-state.ts";
import type { Faithfulness } from "../../../../../src/index.ts";
import { VisionError } from "../../../../../worker/contract/errors.ts";
import { answer, matrix, modelInfo, settle } from "../../fake-vision.ts";
import { startApp, type StartedApp } from "../../start-app.ts";

const setUp = async (): Promise<StartedApp> => {
  const { app, vision } = await startApp();
  vision.loads[0]?.resolve(modelInfo(1));
  await settle();
  app.photos.add([{ name: "a.jpg", content: new Blob() }]);
  await settle();
  vision.classifications[0]?.resolve(answer("cat"));
  await settle();
  vision.maps[0]?.resolve(matrix({ method: "chefer" }));
  await settle();
  return { app, vision };
};

/** The map shown, once it is there, is put to the test. */
const beginTest = async ({ trials }: AppState, vision: StartedApp["vision"]): Promise<void> => {
  void trials.tryShown();
  await settle();
  vision.maps.at(-1)?.resolve(matrix({ method: "chefer" }));
  await settle();
};

const curve = (area: number) => ({
  fractions: Float32Array.of(0, 1),
  probabilities: Float32Array.of(area, area),
  area,
});
const outcome = (deletion: number, insertion: number): Faithfulness => ({
  deletion: curve(deletion),
  insertion: curve(insertion),
});

test("every method is tried for the class that was answered, and the most faithful comes first", async () => {
  const { app, vision } = await setUp();
  void app.trials.tryAll();
  const methods = ["raw", "rollout", "flow", "gradient-rollout", "chefer", "grad-cam"] as const;
  for (const [i, method] of methods.entries()) {
    await settle();
    vision.maps.at(-1)?.resolve(matrix({ method }));
    await settle();
    expect(vision.tests[i]?.options).toMatchObject({ target: 0 });
    vision.tests[i]?.resolve(outcome(0.1 * i, method === "chefer" ? 0.95 : 0.3));
  }
  await settle();
  expect(app.trials.trying.value).toBeNull();
  expect(app.trials.results.value.map(({ choice }) => choice.method)).toEqual([
    "chefer",
    "raw",
    "rollout",
    "flow",
    "gradient-rollout",
    "grad-cam",
  ]);
  app.looking.change({ target: 1 });
  expect(app.trials.results.value).toEqual([]); // of another class
});

test("progress is told as what is under way, and cancelling leaves nothing behind", async () => {
  const { app, vision } = await setUp();
  await beginTest(app, vision);
  vision.maps.at(-1)?.resolve(matrix({ method: "chefer" }));
  await settle();
  const progress = { stage: "faithfulness", loaded: 5, total: 33, file: null, fromCache: false } as const;
  vision.tests[0]?.options.onProgress?.(progress);
  expect(app.activity.value).toMatchObject({ label: "Testing Relevance (Chefer)", value: 5, max: 33 });
  app.activity.value?.cancel();
  await settle();
  expect(vision.tests[0]?.options.signal?.aborted).toBe(true);
  expect([app.activity.value, app.trials.results.value, app.trials.failure.value]).toEqual([null, [], null]);
});

test.each<[string, (app: AppState) => void]>([
  ["the photo is removed", ({ photos }) => photos.removeAll()],
  ["another model is chosen", ({ models }) => void models.select("hf:facebook/deit-tiny-patch16-224")],
])("a test ends when %s, and nothing is told of it", async (_, leave) => {
  const { app, vision } = await setUp();
  await beginTest(app, vision);
  expect(vision.tests).toHaveLength(1);
  leave(app);
  vision.loads[1]?.resolve(modelInfo(2));
  await settle();
  expect(vision.tests[0]?.options.signal?.aborted).toBe(true);
  expect([app.trials.trying.value, app.trials.failure.value, app.trials.results.value]).toEqual([null, null, []]);
});

test("what a test found is told of its own photo, also once another is chosen", async () => {
  const { app, vision } = await setUp();
  await beginTest(app, vision);
  app.photos.add([{ name: "b.jpg", content: new Blob() }]);
  await settle();
  vision.classifications[1]?.resolve(answer("dog"));
  await settle();
  app.looking.choose(app.photos.list.value[0]!);
  vision.tests[0]?.resolve(outcome(0.1, 0.9));
  await settle();
  expect(app.trials.results.value).toEqual([]); // of the photo that is chosen
  expect(app.announcement.value.text).toBe("Test done. Most faithful: Relevance (Chefer).");
});

test("a failure is told with its own photo alone", async () => {
  const { app, vision } = await setUp();
  await beginTest(app, vision);
  vision.tests[0]?.reject(new VisionError("out-of-memory", "full"));
  await settle();
  expect(app.trials.failure.value).toMatchObject({ code: "out-of-memory" });
  app.photos.add([{ name: "b.jpg", content: new Blob() }]);
  await settle();
  vision.classifications[1]?.resolve(answer("dog"));
  await settle();
  app.looking.choose(app.photos.list.value[0]!);
  expect(app.trials.failure.value).toBeNull();
});
