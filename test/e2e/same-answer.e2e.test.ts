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

/** What the page says of a model once it is in use. */
const FACTS: Readonly<Record<string, string>> = {
  "everyday-vit": "Looks at 96 × 96 pixels in 12 × 12 patches.",
  "everyday-cnn": "Looks at 72 × 72 pixels in 18 × 18 places of a map.",
};

type Line = { readonly predictions: readonly { readonly label: string; readonly score: number }[] };

async function classifyOnCommandLine(path: string, model: string): Promise<Line["predictions"]> {
  const options = ["--model", model, "--backend", "wasm", "--json"];
  const call = ["run", "-s", "patchlight", "--", "classify", path, ...options];
  const { stdout } = await promisify(execFile)("npm", call);
  return (JSON.parse(stdout) as Line).predictions;
}

test.each([
  ["everyday-vit", "webgl"],
  ["everyday-cnn", "webgl"],
  ["everyday-cnn", "wasm"],
])("%s says the same of a photo in the page on %s as on the command line", async (model, backend) => {
  const photo = await picture("hill.jpg", { width: 1200, height: 900 });
  const path = join(folder, photo.name);
  await writeFile(path, photo.buffer);
  const { page, problems, close } = await openApp(browser, {}, `?backend=${backend}`);
  expect((await page.getByTestId("backend").textContent())?.toLowerCase()).toContain(backend);
  await page.getByTestId("model-picker").selectOption(model);
  await page.getByTestId("progress").waitFor({ state: "detached" });
  await page.getByText(FACTS[model]!).waitFor();
  await page.getByTestId("file-input").setInputFiles(path);
  const inPage = await shownPredictions(page.getByTestId("predictions"));
  const onCommandLine = await classifyOnCommandLine(path, model);
  expect(inPage.map(({ label }) => label)).toEqual(onCommandLine.map(({ label }) => label));
  inPage.forEach(({ score }, rank) => {
    expect(Math.abs(score - onCommandLine[rank]!.score)).toBeLessThanOrEqual(1e-3);
  });
  expect(problems).toEqual([]);
  await close();
});
