import { signal } from "@preact/signals";
import { describe, expect, test } from "vitest";
import type { TaughtHead, Vision } from "../../../../../src/index.ts";
import type { Failure } from "../../../../../src/app/state/failure.ts";
import { headedChoice, typedChoice, type ModelChoice } from "../../../../../src/app/state/models/model-choices.ts";
import type { LoadedModel } from "../../../../../src/app/state/models/model-loader.ts";
import { createOwnClasses } from "../../../../../src/app/state/teaching/own-classes.ts";
import { createTeaching } from "../../../../../src/app/state/teaching/teaching.ts";
import { createThumbnails } from "../../../../../src/app/state/thumbnails.ts";
import { abortError, VisionError } from "../../../../../worker/contract/errors.ts";
import { modelInfo } from "../../fake-vision.ts";

const HEAD: TaughtHead = { labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0], rightWhenHeldAside: 0.5 };
const BASE = typedChoice("small")!;
const OTHER = typedChoice("other")!;
const picture = new File(["x"], "a.jpg");
const NO_MATTER: Failure = { code: "source-network", title: "The download failed.", advice: "Try again.", detail: "" };

function start(answer: (signal: AbortSignal) => Promise<TaughtHead> = async () => HEAD) {
  const current = signal<LoadedModel | null>({ choice: BASE, info: modelInfo(1) });
  const loads: ModelChoice[] = [];
  const said: string[] = [];
  const asked: unknown[] = [];
  const network = { fails: false };
  const teach = (pictures: unknown, options: { signal: AbortSignal; model: unknown }) => {
    asked.push([pictures, options.model]);
    return answer(options.signal);
  };
  const teaching = createTeaching({
    vision: () => ({ teach }) as unknown as Vision,
    models: {
      current,
      find: (value) => [BASE, OTHER].find((choice) => choice.value === value) ?? null,
      async load(choice, onFailure) {
        if (network.fails) return onFailure?.(NO_MATTER);
        loads.push(choice);
        current.value = { choice, info: modelInfo(2) };
      },
    },
    ownClasses: createOwnClasses(createThumbnails(async () => null)),
    announce: (text) => void said.push(text),
  });
  const fill = (): void => {
    teaching.rename(1, " cat ");
    teaching.rename(2, "dog");
    for (const id of [1, 2]) teaching.addPictures(id, [picture]);
  };
  return { teaching, current, loads, said, asked, fill, network };
}

const choose = (choice: ModelChoice): LoadedModel => ({ choice, info: modelInfo(3) });

const file = (content: object | string): File =>
  new File([typeof content === "string" ? content : JSON.stringify(content)], "classes.json");

test("is ready once nothing is missing, and there is a model", () => {
  const { teaching, current, fill } = start();
  const ready = () => teaching.isReady.value;
  expect(ready()).toBe(false);
  fill();
  expect(ready()).toBe(true);
  teaching.rename(2, "cat");
  expect(ready()).toBe(false); // the same name twice
  teaching.rename(2, "dog");
  current.value = null;
  expect(ready()).toBe(false);
});

describe("what was taught", () => {
  test("comes into use on the files of the first model, in place of what was taught to it before", async () => {
    const { teaching, loads, asked, fill } = start();
    fill();
    await teaching.teach();
    await teaching.teach();
    expect(asked[0]).toEqual([{ cat: [picture], dog: [picture] }, modelInfo(1)]);
    expect(loads.map(({ source }) => source)).toEqual(Array(2).fill({ from: "small", head: HEAD }));
    expect(loads.map(({ title }) => title)).toEqual(Array(2).fill("Yours: cat, dog"));
    expect(new Set(loads.map(({ value }) => value)).size).toBe(1);
    expect([teaching.inUse.value, teaching.run.value, teaching.failure.value]).toEqual([HEAD, null, null]);
  });

  test("goes with the model it was taught to, whichever is in use by then", async () => {
    let done: (head: TaughtHead) => void = () => undefined;
    const { teaching, current, loads, fill } = start(() => new Promise((resolve) => (done = resolve)));
    fill();
    const taught = teaching.teach();
    current.value = choose(OTHER);
    done(HEAD);
    await taught;
    expect(loads).toMatchObject([{ source: { from: "small" }, taughtTo: { value: "small" } }]);
  });

  test("is what is in use only once it is loaded; that it cannot be is told here", async () => {
    const { teaching, said, fill, network } = start();
    fill();
    network.fails = true;
    await teaching.teach();
    expect([teaching.inUse.value, teaching.save(), teaching.failure.value]).toEqual([null, null, NO_MATTER]);
    expect(said).toEqual(["The download failed. Try again."]);
  });

  test("is no longer in use, nor saved, after another model is chosen", async () => {
    const { teaching, current, fill } = start();
    fill();
    await teaching.teach();
    expect(JSON.parse(teaching.save()!)).toEqual({ ...HEAD, model: "small" });
    current.value = choose(OTHER);
    expect([teaching.inUse.value, teaching.save()]).toEqual([null, null]);
  });
});

describe("teaching", () => {
  test("can be stopped, and says nothing then", async () => {
    const { teaching, said, loads, fill } = start(
      (ending) => new Promise((_, reject) => ending.addEventListener("abort", () => reject(abortError()))),
    );
    fill();
    const taught = teaching.teach();
    expect(teaching.run.value).toEqual({ seen: 0, of: 2 });
    teaching.cancel();
    await taught;
    expect([teaching.run.value, teaching.failure.value, said, loads]).toEqual([null, null, [], []]);
  });

  test("that fails is told, and can be tried again; a bad picture by the error's own words", async () => {
    const errors = [new Error("no"), new VisionError("image-corrupt", "picture 2 (a.jpg): no pixels")];
    const { teaching, said, loads, fill } = start(async () => Promise.reject(errors.shift()!));
    fill();
    await teaching.teach();
    expect(teaching.failure.value).toMatchObject({ code: "internal", detail: "no" });
    await teaching.teach();
    expect(teaching.failure.value).toMatchObject({
      code: "image-corrupt",
      advice: "Take it out of its class, then teach again.",
      detail: "picture 2 (a.jpg): no pixels",
    });
    expect([said.length, loads]).toEqual([2, []]);
  });
});

describe("a saved file", () => {
  test("that names no model is opened with the one in use, whatever head that has", async () => {
    const { teaching, current, loads } = start();
    current.value = choose(headedChoice(BASE, { ...HEAD, labels: ["sun", "hill"] }));
    await teaching.open(file(HEAD));
    expect(loads[0]!.source).toEqual({ from: "small", head: HEAD });
    expect(teaching.inUse.value).toEqual(HEAD);
  });

  test("takes no place of classes that were taught here, and may not be saved", async () => {
    const { teaching, current, loads, fill } = start();
    fill();
    await teaching.teach();
    await teaching.open(file({ ...HEAD, model: "small" }));
    await teaching.teach();
    const [taught, opened, again] = loads.map(({ value }) => value);
    expect(opened).not.toBe(taught);
    expect(again).toBe(taught);
    expect(current.value!.choice.taughtTo).toBe(BASE);
  });

  test("is opened with its own model while another is in use, and is what is saved then", async () => {
    const { teaching, current, loads } = start();
    current.value = choose(headedChoice(BASE, { ...HEAD, labels: ["sun", "hill"] }));
    await teaching.open(file({ ...HEAD, model: "other" }));
    expect(loads[0]!.source).toEqual({ from: "other", head: HEAD });
    expect(JSON.parse(teaching.save()!)).toEqual({ ...HEAD, model: "other" });
  });

  test("of a model that the page does not offer says which one it wants", async () => {
    const { teaching, loads } = start();
    await teaching.open(file({ ...HEAD, model: "hf:owner/name" }));
    expect(teaching.failure.value).toMatchObject({
      title: "These classes go with another model.",
      advice: "Load owner/name first, then open them again.",
    });
    expect(loads).toEqual([]);
  });

  test.each(["[]", "{}", '"x"', "null", "nothing"])("that holds %s is told, with its name", async (content) => {
    const { teaching, loads, said } = start();
    await teaching.open(file(content));
    expect(teaching.failure.value).toMatchObject({
      code: "invalid-argument",
      title: "That file holds no classes.",
      detail: expect.stringMatching(/^classes\.json: /),
    });
    expect([loads, said.length]).toEqual([[], 1]);
  });
});
