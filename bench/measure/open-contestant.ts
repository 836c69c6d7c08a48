import type { Browser } from "playwright";
import type { ContestantApi } from "../pages/contestant-worker.ts";
import type { Extent, Way } from "../pages/ways/contestant.ts";
import { processorTime } from "./browser-processes.ts";
import { openPage } from "./open-page.ts";

declare global {
  var contestant: ContestantApi;
}

/** One run of a batch. */
export type Run = {
  readonly wall: number; // milliseconds an image
  readonly processor: number; // the same of all cores, by every process of the browser
  readonly draws: number;
  readonly bytes: number | null; // on the device; null where nobody tells
};

/** A model in a page of its own, ready to run. */
export type OpenContestant = {
  readonly name: string;
  readonly started: Awaited<ReturnType<ContestantApi["start"]>>;
  readonly run: (batch: number, extent?: Extent) => Promise<Run>;
  readonly close: () => Promise<void>;
};

const DEVICES = { wasm: "wasm", webgl: "WebGL", webgpu: "WebGPU" };
const NAMES = { engine: "patchlight", session: "patchlight", composed: "tfjs", "onnxruntime-web": "onnxruntime-web" };

/** For people: "patchlight, wasm, 2 threads". */
export function nameWay({ by, on, threads }: Way): string {
  const several = on === "wasm" ? `, ${threads} thread${threads > 1 ? "s" : ""}` : "";
  return `${NAMES[by]}, ${DEVICES[on]}${several}`;
}

/** `shape` of its images without the batch. Rejects with "absent: …" where this browser has no such thing. */
export async function openContestant(
  browser: Browser,
  url: string,
  way: Way,
  model: string,
  shape: readonly number[],
): Promise<OpenContestant> {
  const context = await browser.newContext();
  const page = await openPage(context, url, "contestant?isolated");
  const folder = `${url}/models/${model}`;
  await page.waitForFunction(() => "contestant" in globalThis);
  const started = await page.evaluate(([way, folder, shape]) => contestant.start(way, { folder }, shape), [
    way,
    folder,
    [1, ...shape],
  ] as const);
  return {
    name: nameWay(way),
    started,
    async run(batch, extent = "logits") {
      const before = processorTime();
      const { milliseconds, draws, bytes } = await page.evaluate(([shape, extent]) => contestant.run(shape, extent), [
        [batch, ...shape],
        extent,
      ] as const);
      return { wall: milliseconds / batch, processor: (processorTime() - before) / batch, draws, bytes };
    },
    close: () => context.close(),
  };
}
