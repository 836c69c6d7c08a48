import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp } from "./open-app.ts";
import { picture } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";

let browser: Browser;
let folder: string;
beforeAll(async () => {
  browser = await launchBrowser();
  folder = await mkdtemp(join(tmpdir(), "patchlight-"));
});
afterAll(async () => {
  await browser.close();
  await rm(folder, { recursive: true });
});

type Line = { readonly predictions: readonly { readonly label: string; readonly score: number }[] };

async function classifyOnCommandLine(path: string): Promise<Line["predictions"]> {
  const call = ["run", "-s", "patchlight", "--", "classify", path, "--backend", "wasm", "--json"];
  const { stdout } = await promisify(execFile)("npm", call);
  return (JSON.parse(stdout) as Line).predictions;
}

test("a photo gets the same classes and scores in the page on WebGL as on the command line on wasm", async () => {
  const photo = await picture("hill.jpg", { width: 1200, height: 900 });
  const path = join(folder, photo.name);
  await writeFile(path, photo.buffer);
  const { page, problems, close } = await openApp(browser, {}, "?backend=webgl");
  expect(await page.getByTestId("backend").textContent()).toContain("WebGL");
  await page.getByTestId("file-input").setInputFiles(path);
  const inPage = await shownPredictions(page.getByTestId("predictions"));
  const onCommandLine = await classifyOnCommandLine(path);
  expect(inPage.map(({ label }) => label)).toEqual(onCommandLine.map(({ label }) => label));
  inPage.forEach(({ score }, rank) => {
    expect(Math.abs(score - onCommandLine[rank]!.score)).toBeLessThanOrEqual(1e-3);
  });
  expect(problems).toEqual([]);
  await close();
});
