import { describe, expect, test } from "vitest";
import { VisionError } from "../../../../../worker/contract/errors.ts";
import { answer, fakeVision, matrix, modelInfo, settle } from "../../fake-vision.ts";
import { startApp, type StartedApp } from "../../start-app.ts";

const setUp = async (hash = ""): Promise<StartedApp> => {
  const { app, vision } = await startApp(fakeVision(), { hash });
  vision.loads[0]?.resolve({ ...modelInfo(1), layers: 2, heads: 2, hiddenStates: 3 });
  await settle();
  return { app, vision };
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

const asked = ({ vision }: StartedApp): object[] =>
  vision.maps.map(({ options }) => ({ ...options, model: undefined, signal: undefined }));

describe("where it looked", () => {
  test("is asked as soon as a photo is classified, and patches need no other run", async () => {
    const setup = await setUp();
    await give(setup);
    const { looking } = setup.app;
    expect(asked(setup)).toEqual([{ model: undefined, method: "chefer" }]);
    setup.vision.maps[0]!.resolve(matrix({ method: "chefer" }));
    await settle();
    const values = (): number[] => Array.from(looking.heat.value!.values, (value) => Math.round(value * 10) / 10);
    expect(values()).toEqual([0.1, 0.2, 0.3, 0.4]); // the class token's row
    looking.pointAt(2);
    expect(values()).toEqual([3.1, 3.2, 3.3, 3.4]);
    looking.pointAt(null);
    looking.askFrom(0);
    expect(values()).toEqual([1.1, 1.2, 1.3, 1.4]);
    looking.askFrom(null);
    expect(values()).toEqual([0.1, 0.2, 0.3, 0.4]);
    expect(setup.vision.maps).toHaveLength(1);
  });

  test("of a class is not asked of a model that has other classes, but of one that has the same", async () => {
    const setup = await setUp();
    await give(setup);
    const { looking, models, photos } = setup.app;
    looking.askClass(photos.list.value[0]!, 1);
    void models.select("hf:facebook/deit-tiny-patch16-224");
    setup.vision.loads[1]?.resolve(modelInfo(2));
    await settle();
    expect(looking.view.value.target).toBe(1);
    void models.select("small");
    setup.vision.loads[2]?.resolve({ ...modelInfo(3), labels: ["bus", "car"] });
    await settle();
    expect(looking.view.value.target).toBeNull();
  });

  test("a link's class waits for the link's model", async () => {
    const setup = await setUp();
    setup.app.followLink("#model=hf%3Afacebook%2Fdeit-tiny-patch16-224&target=1");
    setup.vision.loads[1]?.resolve({ ...modelInfo(2), labels: ["bus", "car"] });
    await settle();
    expect(setup.app.looking.view.value.target).toBe(1);
  });

  test("of all heads, cancelled, is no longer read, and can be asked again", async () => {
    const setup = await setUp();
    await give(setup);
    const { app, vision } = setup;
    app.openParts.value = new Set(["heads"]);
    await settle();
    app.headMaps.rows.cancel();
    expect([vision.heads[0]?.options.signal?.aborted, vision.figures[0]?.options.signal?.aborted]).toEqual([
      true,
      true,
    ]);
    expect(app.headMaps.rows.cancelled.value).toBe(true);
    app.headMaps.rows.retry();
    expect([vision.heads.length, vision.figures.length]).toEqual([2, 2]);
  });

  test("of a class switches to a method that knows classes, and back by asking again", async () => {
    const setup = await setUp();
    await give(setup);
    const { looking, photos } = setup.app;
    const [photo] = photos.list.value;
    looking.change({ method: "raw", layer: 1 });
    looking.askClass(photo!, 1);
    expect(looking.choice.value).toMatchObject({ method: "chefer", target: 1 });
    expect(asked(setup).at(-1)).toMatchObject({ method: "chefer", target: 1 });
    looking.askClass(photo!, 1);
    expect(looking.choice.value?.target).toBeNull();
  });

  test("of a photo that is gone is dropped", async () => {
    const setup = await setUp();
    await give(setup);
    const { looking, photos } = setup.app;
    photos.removeAll();
    expect(setup.vision.maps[0]?.options.signal?.aborted).toBe(true);
    await settle();
    expect([looking.heat.value, looking.map.busy.value, looking.map.failure.value]).toEqual([null, false, null]);
  });

  test("is of the newest photo, until another is chosen, until more are given", async () => {
    const setup = await setUp();
    await give(setup, 3);
    const { looking, photos } = setup.app;
    expect(looking.chosen.value?.name).toBe("0.jpg");
    looking.choose(photos.list.value[2]!);
    expect(looking.chosen.value?.name).toBe("2.jpg");
    await give(setup);
    expect(looking.chosen.value).toBe(photos.list.value[0]);
  });

  test("passes over a picture that cannot be read", async () => {
    const { app, vision } = await setUp();
    app.photos.add([0, 1].map((i) => ({ name: `${i}`, content: new Blob() })));
    await settle();
    vision.classifications[0]?.reject(new VisionError("image-empty", ""));
    await settle();
    expect(app.looking.chosen.value?.name).toBe("1");
  });

  test("is shown of a model without classes as well", async () => {
    const setup = await setUp();
    setup.app.photos.add([{ name: "a", content: new Blob() }]);
    await settle();
    setup.vision.classifications[0]?.reject(new VisionError("model-has-no-head", ""));
    await settle();
    expect(setup.vision.maps).toHaveLength(1);
  });

  test("can be cancelled by what is under way", async () => {
    const setup = await setUp();
    await give(setup);
    expect(setup.app.activity.value?.label).toBe("Finding where it looked");
    setup.app.activity.value?.cancel();
    expect([setup.app.activity.value, setup.app.looking.map.cancelled.value]).toEqual([null, true]);
  });

  test("hides and shows at the strength it had", async () => {
    const { app } = await setUp();
    app.looking.change({ opacity: 0.35 });
    app.looking.toggleMap();
    expect(app.looking.view.value.opacity).toBe(0);
    app.looking.toggleMap();
    expect(app.looking.view.value.opacity).toBe(0.35);
  });
});

describe("a link", () => {
  test("restores the view for the next photo, and names what does not fit", async () => {
    const setup = await setUp("#method=raw&layer=1&head=7&style=mask&colours=pink");
    await give(setup);
    expect(asked(setup)).toEqual([{ model: undefined, method: "raw", layer: 1 }]);
    expect(setup.app.looking.view.value.style).toBe("mask");
    expect(setup.app.shared.notice.value).toContain("colours, head");
    setup.app.shared.dismiss();
    expect(setup.app.shared.notice.value).toBe("");
  });

  test("that is written and followed is the same view", async () => {
    const setup = await setUp();
    await give(setup);
    setup.app.looking.change({ method: "raw", layer: 0, head: 1, query: 3, opacity: 0.2 });
    const before = setup.app.looking.view.value;
    const link = setup.app.shared.write();
    setup.app.looking.change({ method: "flow", layer: null, head: null, query: null });
    setup.app.followLink(`#${link}`);
    expect(setup.app.looking.view.value).toEqual(before);
    expect(setup.app.shared.notice.value).toBe("");
  });

  test("keeps its class for its own model, and leaves it with that", async () => {
    const setup = await setUp();
    await give(setup);
    const { looking, models } = setup.app;
    setup.app.followLink("#model=hf%3Afacebook%2Fdeit-tiny-patch16-224&target=1");
    setup.vision.loads[1]?.resolve({ ...modelInfo(2), labels: ["bus", "car"] });
    await settle();
    expect(looking.view.value.target).toBe(1);
    void models.select("small");
    setup.vision.loads[2]?.resolve({ ...modelInfo(3), labels: ["oak"] });
    await settle();
    expect([looking.view.value.target, setup.app.shared.notice.value]).toEqual([null, ""]);
  });

  test("to the model in use keeps its class for that alone", async () => {
    const setup = await setUp("#model=small&target=1");
    await give(setup);
    setup.app.followLink("#model=small&target=0");
    expect(setup.app.looking.view.value.target).toBe(0);
    void setup.app.models.select("hf:facebook/deit-tiny-patch16-224");
    setup.vision.loads[1]?.resolve({ ...modelInfo(2), labels: ["bus", "car"] });
    await settle();
    expect(setup.app.looking.view.value.target).toBeNull();
  });

  test("of a model that is not offered says so, and uses the first", async () => {
    const setup = await setUp("#model=nobody%2Fknows&method=raw");
    expect(setup.vision.loads.map(({ input }) => input)).toEqual(["small"]);
    expect(setup.app.shared.notice.value).toContain("nobody/knows");
  });
});

describe("a comparison", () => {
  test("asks for the other method of the same photo, and ends with the other photo", async () => {
    const setup = await setUp();
    await give(setup, 2);
    const { comparison, photos } = setup.app;
    comparison.compareWith({ kind: "method", method: "grad-cam" });
    expect(asked(setup).at(-1)).toMatchObject({ method: "grad-cam" });
    const [, second] = photos.list.value;
    comparison.compareWith({ kind: "photo", photo: second! });
    expect(asked(setup).at(-1)).toMatchObject({ method: "chefer" });
    photos.remove(second!);
    expect(comparison.other.value).toBeNull();
  });

  test("with the method that is shown by now is none", async () => {
    const setup = await setUp();
    await give(setup);
    const { comparison, looking } = setup.app;
    comparison.compareWith({ kind: "method", method: "rollout" });
    looking.change({ method: "rollout" });
    expect([comparison.other.value, comparison.subject.value, comparison.choice.value]).toEqual([null, null, null]);
    looking.change({ method: "raw" });
    expect(comparison.choice.value).toMatchObject({ method: "rollout" });
  });
});

describe("the heads", () => {
  test("are asked for once they are to be seen, and not again for a method", async () => {
    const setup = await setUp();
    await give(setup);
    const { app, vision } = setup;
    expect(vision.heads).toHaveLength(0);
    app.openParts.value = new Set(["heads"]);
    expect([vision.heads.length, vision.figures.length]).toEqual([1, 1]);
    app.looking.change({ method: "raw", layer: 0 });
    expect(vision.heads).toHaveLength(1);
    app.looking.askFrom(1);
    expect(vision.heads.at(-1)?.options).toMatchObject({ query: 1 });
  });
});
