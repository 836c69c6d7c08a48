import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { picture } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";

/** What makes a page cross-origin isolated, and with that gives it shared memory. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};

const asked: string[] = [];
let browser: Browser;
let server: Server;

beforeAll(async () => {
  browser = await launchBrowser();
  server = createServer((request, response) => {
    asked.push(request.url!);
    void fetch(new URL(request.url!, inject("appUrl"))).then(async ({ status, headers, body }) => {
      const type = headers.get("content-type") ?? "application/octet-stream";
      response.writeHead(status, { "Content-Type": type, ...ISOLATION });
      if (body) await pipeline(Readable.fromWeb(body as ReadableStream), response);
      else response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await browser.close();
  server.close();
});

test("a cross-origin isolated page has its threads, under its own policy, and answers as the other", async () => {
  const answer = async (url: string) => {
    const page = await browser.newPage({ serviceWorkers: "block" }); // one asks for every file
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    await page.goto(`${url}?backend=wasm`);
    await page.locator(".model-facts").waitFor();
    await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    const shown = await shownPredictions(page.getByTestId("predictions"));
    const facts = await page.evaluate(() => ({ isolated: crossOriginIsolated, cores: navigator.hardwareConcurrency }));
    await page.close();
    expect(problems).toEqual([]);
    return { shown, ...facts };
  };
  const alone = await answer(inject("appUrl"));
  const together = await answer(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  expect([alone.isolated, together.isolated]).toEqual([false, true]);
  expect(together.shown).toEqual(alone.shown);
  expect(asked.some((url) => url.includes("encoder-thread"))).toBe(together.cores > 1);
});
