import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readCsv } from "../../datasets/csv.ts";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { differenceOf, pixelsOf } from "./overlay-pixels.ts";
import { picture } from "./pictures.ts";
import { CATS, serveCaptioner, tinyCaptioner, type Grammar } from "./tiny-captioner.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const SENTENCE = "a small cat sleeps here";

/** The page with one photo and its classes, and a captioner at hand. */
const openWithPhoto = async (options: BrowserContextOptions = {}, grammar: Grammar = CATS): Promise<OpenApp> => {
  const app = await openApp(browser, options, "?backend=wasm");
  const { page } = app;
  await serveCaptioner(page, grammar);
  await page.reload();
  await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
  await page.getByTestId("predictions").waitFor();
  return app;
};

const said = (page: Page, count = 1) =>
  page
    .locator("[data-testid=caption][data-unfinished=false]")
    .nth(count - 1)
    .waitFor();

const openDescribed = async (options?: BrowserContextOptions): Promise<OpenApp> => {
  const app = await openWithPhoto(options);
  await app.page.getByTestId("describe").click();
  await said(app.page);
  await app.page.getByTestId("progress").waitFor({ state: "detached" });
  return app;
};

const overlayPixels = (page: Page): Promise<number[]> => pixelsOf(page.getByTestId("overlay"));

/** Does something, and gives how much the overlay changed. */
const changeBy = async (page: Page, act: () => Promise<unknown>): Promise<number> => {
  const before = await overlayPixels(page);
  await act();
  return differenceOf(before, await overlayPixels(page));
};

type Moment = { readonly words: number; readonly unfinished: boolean };

/** Notes every change of the sentence from now on. */
const watchSentence = (page: Page): Promise<void> =>
  page.evaluate(() => {
    const moments: Moment[] = [];
    Object.assign(window, { moments });
    new MutationObserver(() => {
      const caption = document.querySelector<HTMLElement>("[data-testid=caption]");
      if (!caption) return;
      const words = caption.querySelectorAll("[data-testid=caption-word]").length;
      moments.push({ words, unfinished: caption.dataset.unfinished === "true" });
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });

const watched = (page: Page): Promise<Moment[]> =>
  page.evaluate(() => (window as unknown as { moments: Moment[] }).moments);

describe("a sentence", () => {
  test("comes when it is asked for, word by word, the first before the last, and is told once", async () => {
    const { page, problems, close } = await openWithPhoto();
    expect(await page.getByTestId("caption").count()).toBe(0);
    await watchSentence(page);
    await page.getByTestId("describe").click();
    await said(page);
    expect(await page.getByTestId("caption").textContent()).toBe(SENTENCE);
    expect(await page.getByTestId("caption-word").allTextContents()).toEqual(SENTENCE.split(" "));
    const counts = (await watched(page)).filter(({ unfinished }) => unfinished).map(({ words }) => words);
    expect(counts[0]).toBeLessThan(SENTENCE.split(" ").length);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
    await page.getByRole("status").getByText(`hill.jpg: ${SENTENCE}`).waitFor();
    await page.getByText("Says the same of every photo.").waitFor();
    expect(await page.locator(".model-facts").count()).toBe(2);
    await page.getByTestId("stop-describing").click();
    await page.getByTestId("describe").waitFor();
    expect(await page.getByTestId("caption").count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  test("comes of every photo, from a captioner given as files too, and opens the photo it belongs to", async () => {
    const { page, problems, close } = await openWithPhoto();
    await page.getByTestId("file-input").setInputFiles([await picture("one.jpg"), await picture("two.jpg")]);
    await page.getByTestId("model-file-input").setInputFiles(tinyCaptioner(CATS));
    await said(page, 3);
    expect(await page.getByTestId("caption").allTextContents()).toEqual([SENTENCE, SENTENCE, SENTENCE]);
    await page.getByText("Says in a sentence what it sees.").waitFor();
    await page.getByTestId("photo").last().getByTestId("caption-word").nth(2).click();
    expect(await page.getByTestId("photo").last().getAttribute("data-open")).toBe("true");
    expect(await page.getByTestId("alternatives").count()).toBe(1);
    expect(problems).toEqual([]);
    await close();
  });

  test("that cannot be had is told once, at the photo; without one, beside the models", async () => {
    const { page, close } = await openWithPhoto();
    await page.route("**/models/*captioner/**", (route) => route.abort());
    await page.getByTestId("describe").click();
    const error = page.getByTestId("photo").getByTestId("error");
    await error.waitFor();
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(1);
    await page.getByRole("button", { name: "Try again" }).press("Enter");
    expect(await page.locator(":focus").getAttribute("data-open")).toBe("true"); // the photo's card
    await error.waitFor();
    await page.getByRole("button", { name: "Remove all" }).click();
    await page.locator(".model").getByTestId("error").waitFor();
    expect(await page.getByRole("button", { name: "Try again" }).count()).toBe(1);
    await close();
  });

  test("can be cancelled while it is being said, and said after all", async () => {
    const endless = Object.fromEntries(["<start>", "on", "and"].map((word) => [word, { on: 0.5, and: 0.5 }]));
    const { page, problems, close } = await openWithPhoto({}, endless);
    await page.evaluate(() =>
      new MutationObserver((_, observer) => {
        const button = document.querySelector<HTMLElement>("[data-testid=caption-cancel]");
        if (!button) return;
        observer.disconnect();
        button.click();
      }).observe(document.body, { subtree: true, childList: true }),
    );
    await page.getByTestId("describe").click();
    await page.getByText("No sentence: cancelled").waitFor();
    await page.getByRole("button", { name: "Describe hill.jpg again" }).click();
    await said(page);
    expect(await page.getByTestId("caption-word").count()).toBe(20);
    expect(problems).toEqual([]);
    await close();
  });
});

describe("a word", () => {
  test("that is pointed at, or kept, shows where it was looked for", async () => {
    const { page, problems, close } = await openDescribed();
    const words = page.getByTestId("caption-word");
    await page.mouse.move(1, 1);
    const ofClass = await overlayPixels(page);
    expect(await changeBy(page, () => words.nth(1).hover())).toBeGreaterThan(1);
    expect(await changeBy(page, () => words.nth(2).hover())).toBeGreaterThan(0.5);
    await page.mouse.move(1, 1);
    expect(differenceOf(ofClass, await overlayPixels(page))).toBe(0);
    await words.nth(2).click();
    await page.mouse.move(1, 1);
    expect(differenceOf(ofClass, await overlayPixels(page))).toBeGreaterThan(1);
    await page.getByText("where it looked for “cat”").waitFor();
    await page.getByTestId("word-back").click();
    expect(differenceOf(ofClass, await overlayPixels(page))).toBe(0);
    await words.nth(2).click();
    await page.getByTestId("predictions").locator("button").first().click(); // whoever asks for a class sees it
    expect(await words.nth(2).getAttribute("aria-pressed")).toBe("false");
    expect(problems).toEqual([]);
    await close();
  });

  test("is reached by arrow keys, and lists what could have been said in its place", async () => {
    const { page, problems, close } = await openDescribed();
    const kept = page.locator("[data-testid=caption-word][aria-pressed=true]");
    await page.getByTestId("caption-word").first().focus();
    expect(await kept.allTextContents()).toEqual(["a"]);
    expect(await changeBy(page, () => page.keyboard.press("ArrowRight"))).toBeGreaterThan(0.5);
    await page.keyboard.press("ArrowRight");
    expect(await kept.allTextContents()).toEqual(["cat"]);
    const alternatives = page.getByTestId("alternatives").locator("li");
    const listed = await alternatives.evaluateAll((all) => all.slice(0, 2).map(({ dataset }) => ({ ...dataset })));
    expect(listed).toMatchObject([
      { word: "cat", said: "true" },
      { word: "dog", said: "false" },
    ]);
    expect(Number(listed[0]?.probability)).toBeCloseTo(0.7, 3);
    await page.keyboard.press("End");
    expect(await kept.allTextContents()).toEqual(["here"]);
    expect(await page.locator("[data-testid=caption-word][tabindex='0']").allTextContents()).toEqual(["here"]);
    await page.keyboard.press("Escape");
    expect(await kept.count()).toBe(0);
    expect(problems).toEqual([]);
    await close();
  });

  test("follows another when the sentence is played, one by one where motion is unwelcome", async () => {
    const { page, close } = await openDescribed();
    const kept = page.locator("[data-testid=caption-word][aria-pressed=true]");
    await page.getByTestId("play-words").click();
    await expect.poll(() => kept.textContent(), { timeout: 20_000 }).toBe("here");
    await page.getByRole("button", { name: "Play the words" }).waitFor(); // over
    await close();
    const still = await openDescribed({ reducedMotion: "reduce" });
    const next = still.page.getByRole("button", { name: "Next word" });
    await next.click();
    await next.click();
    expect(await still.page.locator("[data-testid=caption-word][aria-pressed=true]").textContent()).toBe("small");
    await still.close();
  });
});

test("the other sentences have their scores, are shown when chosen, and as many come as there are beams", async () => {
  const { page, problems, close } = await openDescribed();
  await page.getByTestId("sentences").locator("summary").click();
  const sentences = page.getByTestId("sentence-list").locator("li");
  await sentences.nth(2).waitFor();
  expect(await sentences.count()).toBe(3);
  const scores = await sentences.evaluateAll((all) => all.map(({ dataset }) => Number(dataset.score)));
  expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  const other = sentences.nth(1).locator("button");
  await other.click();
  expect(await page.getByTestId("caption").textContent()).toBe(await other.textContent());
  await page.getByTestId("beams").selectOption("1");
  await sentences.nth(1).waitFor({ state: "detached" });
  await sentences.first().waitFor();
  expect(await sentences.count()).toBe(1);
  await page.getByTestId("max-words").selectOption("8");
  await said(page);
  expect(await page.getByTestId("caption").textContent()).toBe(SENTENCE);
  expect(problems).toEqual([]);
  await close();
});

test("the sentences of all photos are saved as CSV and JSON", async () => {
  const { page, problems, close } = await openWithPhoto({ acceptDownloads: true });
  await page.getByTestId("file-input").setInputFiles(await picture('=1+1 "two".jpg'));
  await page.getByTestId("describe").click();
  await said(page, 2);
  await page.getByTestId("share").locator("summary").click();
  const save = async (kind: string): Promise<string> => {
    const download = page.waitForEvent("download");
    await page.getByTestId(`save-captions-${kind}`).click();
    const file = await download;
    expect(file.suggestedFilename()).toBe(`captions.${kind}`);
    return readFile(await file.path(), "utf8");
  };
  const [header, ...rows] = readCsv(await save("csv"));
  expect(header).toEqual(["file", "caption", "score", "probability", "model"]);
  expect(rows.map(([file, text]) => [file, text])).toEqual([
    [`'=1+1 "two".jpg`, SENTENCE],
    ["hill.jpg", SENTENCE],
  ]);
  const list = JSON.parse(await save("json")) as { file: string; words: { text: string }[] }[];
  expect(list.map(({ file }) => file)).toEqual(['=1+1 "two".jpg', "hill.jpg"]);
  expect(list[0]?.words.map(({ text }) => text).join(" ")).toBe(SENTENCE);
  expect(problems).toEqual([]);
  await close();
});

test.each(["light", "dark"] as const)(
  "in %s colours axe finds nothing, and nothing reaches past the side",
  async (colorScheme) => {
    const { page, problems, close } = await openDescribed({ colorScheme, reducedMotion: "reduce" });
    await page.getByTestId("caption-word").nth(2).click();
    await page.getByTestId("sentences").locator("summary").click();
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), `at ${width}`).toBe(0);
    }
    expect(problems).toEqual([]);
    await close();
  },
);
