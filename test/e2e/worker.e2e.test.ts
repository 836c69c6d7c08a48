import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp } from "./open-app.ts";
import { picture } from "./pictures.ts";
import { shownPredictions, type ShownPrediction } from "./predictions.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const classifyOn = async (backend: string): Promise<ShownPrediction[]> => {
  const { page, problems, close } = await openApp(browser, {}, `?backend=${backend}`);
  expect(await page.getByTestId("backend").getAttribute("data-backend")).toBe(backend);
  await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
  const shown = await shownPredictions(page.getByTestId("predictions"));
  expect(problems).toEqual([]);
  await close();
  return shown;
};

test("WebGL and WebAssembly give the same answer", async () => {
  const webgl = await classifyOn("webgl");
  const wasm = await classifyOn("wasm");
  expect(webgl.map(({ label }) => label)).toEqual(wasm.map(({ label }) => label));
  webgl.forEach(({ score }, i) => expect(Math.abs(score - (wasm[i]?.score ?? NaN))).toBeLessThan(1e-3));
});

test("a worker that dies is replaced: the page says so, and the next photo gets its answer", async () => {
  const { page, close } = await openApp(browser);
  await page
    .workers()[0]
    ?.evaluate(() => void setTimeout(() => void Promise.reject(new Error("a test ends this worker"))));
  await page.getByText(/; continuing on (WebGL|wasm|cpu) · /).waitFor();
  await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
  expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
  await close();
});
