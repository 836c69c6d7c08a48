import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { picture } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";
import { startStaticHost, type StaticHost } from "./static-host.ts";

/** What makes a page cross-origin isolated, and with that gives it shared memory. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

let browser: Browser;
let host: StaticHost;

beforeAll(async () => {
  [browser, host] = await Promise.all([launchBrowser(), startStaticHost(inject("appFolder"), ISOLATION)]);
});
afterAll(() => Promise.all([browser.close(), host.stop()]));

test("a cross-origin isolated page has its threads, under its own policy, and answers as the other", async () => {
  const answer = async (url: string) => {
    const page = await browser.newPage({ serviceWorkers: "block" }); // one asks for every file
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${url}?backend=wasm`);
    await page.locator(".model-facts").waitFor();
    await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    const shown = await shownPredictions(page.getByTestId("predictions"));
    const badge = await page.getByTestId("backend").innerText();
    const facts = await page.evaluate(() => ({ isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency }));
    await page.close();
    expect(problems).toEqual([]);
    return { shown, badge, ...facts };
  };
  const alone = await answer(inject("appUrl"));
  const together = await answer(host.url);
  expect([alone.isolated, together.isolated]).toEqual([false, true]);
  expect(together.shown).toEqual(alone.shown);
  expect(alone.badge).toBe("wasm · CPU");
  expect(together.badge).toMatch(together.cores > 1 ? /^wasm · CPU · [2-4] threads$/ : /^wasm · CPU$/);
  expect(host.asked.some((url) => url.includes("encoder-thread"))).toBe(together.cores > 1);
});
