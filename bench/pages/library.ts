/** A page that uses the library as any page would; see parts/caption-step.ts and parts/explain-cost.ts. */
import { createVision, type Vision } from "../../src/index.ts";

let vision: Vision;

const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
};

const page = {
  async load(model: string, backend: "wasm" | "webgl") {
    vision = await createVision({ backend, models: "/models/" });
    await vision.load(model);
  },
  /** Milliseconds of a classification, or of a map. */
  async ask(picture: string, method: "classify" | NonNullable<Parameters<Vision["explain"]>[1]>["method"]) {
    const photo = await (await fetch(picture)).blob();
    return timed(() => (method === "classify" ? vision.classify(photo) : vision.explain(photo, { method })));
  },
  /** Milliseconds between a word and the one before it, from the second word; greedy, more than `count` words. */
  async writeWords(picture: string, count: number) {
    const photo = await (await fetch(picture)).blob();
    const told: number[] = [];
    const length = { minWords: count + 1, maxWords: count + 2 };
    await vision.caption(photo, { beams: 1, ...length, onWord: () => told.push(performance.now()) });
    return told.slice(1).map((time, at) => time - told[at]!);
  },
};

export type LibraryPage = typeof page;

Object.assign(globalThis, { library: page });
