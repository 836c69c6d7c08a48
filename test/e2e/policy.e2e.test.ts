import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp } from "./open-app.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

test("the page's policy lets no foreign or inline code, style or frame in", { timeout: 30_000 }, async () => {
  const { page, problems, close } = await openApp(browser);
  expect(problems).toEqual([]);
  const blocked = await page.evaluate(async () => {
    const directives: string[] = [];
    const allBlocked = new Promise<void>((resolve) => {
      document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
        if (directives.push(effectiveDirective) === 4) resolve();
      });
    });
    const add = (tag: "script" | "style" | "iframe", content: object): Node =>
      document.head.appendChild(Object.assign(document.createElement(tag), content));
    add("script", { textContent: "document.title = 'inline code ran'" });
    add("script", { src: "https://example.org/code.js" });
    add("style", { textContent: "body { display: none }" });
    add("iframe", { src: "https://example.org/" });
    await allBlocked;
    return directives.sort();
  });
  expect(blocked).toEqual(["frame-src", "script-src-elem", "script-src-elem", "style-src-elem"]);
  expect(await page.title()).toContain("patchlight");
  await close();
});
