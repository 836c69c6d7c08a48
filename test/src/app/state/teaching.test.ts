import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { TaughtHead, Vision } from "../../../../src/index.ts";
import type { ModelChoice } from "../../../../src/app/state/model-choices.ts";
import type { LoadedModel } from "../../../../src/app/state/model-loader.ts";
import { createTeaching } from "../../../../src/app/state/teaching.ts";
import { abortError } from "../../../../worker/contract/errors.ts";
import { modelInfo } from "../fake-vision.ts";

const HEAD: TaughtHead = { labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0], rightWhenHeldAside: 0.5 };
const BASE: ModelChoice = {
  value: "small",
  title: "Small",
  summary: null,
  size: null,
  source: "small",
  describes: false,
};
const picture = new Blob(["x"]);

function start(answer: (signal: AbortSignal) => Promise<TaughtHead> = async () => HEAD) {
  const current = signal<LoadedModel | null>({ choice: BASE, info: modelInfo(1) });
  const loads: ModelChoice[] = [];
  const said: string[] = [];
  const asked: unknown[] = [];
  const teach = (pictures: unknown, options: { signal: AbortSignal; model: unknown }) => {
    asked.push([pictures, options.model]);
    return answer(options.signal);
  };
  const teaching = createTeaching({
    vision: () => ({ teach }) as unknown as Vision,
    models: {
      current,
      async load(choice) {
        loads.push(choice);
        current.value = { choice, info: modelInfo(2) };
      },
    },
    announce: (text) => void said.push(text),
  });
  const fill = (): void => {
    teaching.rename(1, " cat ");
    teaching.rename(2, "dog");
    for (const id of [1, 2]) teaching.addPictures(id, [picture]);
  };
  return { teaching, current, loads, said, asked, fill };
}

test("is ready once two classes or more have names of their own and pictures, and there is a model", () => {
  const { teaching, current, fill } = start();
  const ready = () => teaching.isReady.value;
  expect(ready()).toBe(false);
  fill();
  expect(ready()).toBe(true);
  teaching.rename(2, "cat");
  expect(ready()).toBe(false); // the same name twice
  teaching.rename(2, "dog");
  teaching.add();
  expect(ready()).toBe(false); // a third without anything
  teaching.remove(3);
  expect(ready()).toBe(true);
  current.value = null;
  expect(ready()).toBe(false);
});

test("brings what was learned into use, on the files of the first model however often it is taught", async () => {
  const { teaching, loads, asked, fill } = start();
  fill();
  await teaching.teach();
  await teaching.teach();
  expect(asked[0]).toEqual([{ cat: [picture], dog: [picture] }, modelInfo(1)]);
  expect(loads.map(({ source }) => source)).toEqual(Array(2).fill({ from: "small", head: HEAD }));
  expect(loads.map(({ title }) => title)).toEqual(Array(2).fill("Yours: cat, dog"));
  expect(new Set(loads.map(({ value }) => value)).size).toBe(2);
  expect([teaching.taught.value, teaching.run.value, teaching.failure.value]).toEqual([HEAD, null, null]);
});

test("can be stopped, and says nothing then; a failure is told", async () => {
  const stopped = start(
    (ending) => new Promise((_, reject) => ending.addEventListener("abort", () => reject(abortError()))),
  );
  stopped.fill();
  const teaching = stopped.teaching.teach();
  expect(stopped.teaching.run.value).toEqual({ seen: 0, of: 2 });
  stopped.teaching.cancel();
  await teaching;
  expect([stopped.teaching.run.value, stopped.teaching.failure.value, stopped.said]).toEqual([null, null, []]);

  const failing = start(() => Promise.reject(new Error("no")));
  failing.fill();
  await failing.teaching.teach();
  expect(failing.teaching.failure.value).toMatchObject({ code: "internal", detail: "no" });
  expect(failing.said).toHaveLength(1);
  expect(failing.loads).toEqual([]);
});

test("opens what was saved, and says what holds nothing", async () => {
  const { teaching, loads } = start();
  await teaching.open("classes.json", JSON.stringify(HEAD));
  expect(loads[0]!.source).toEqual({ from: "small", head: HEAD });
  await teaching.open("notes.txt", "nothing");
  expect(teaching.failure.value).toMatchObject({ title: "That file holds no classes.", detail: "notes.txt" });
});
