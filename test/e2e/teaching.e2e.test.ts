import { readFile } from "node:fs/promises";
import sharp from "sharp";
import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { shownPredictions } from "./predictions.ts";

let browser: Browser;
let app: OpenApp;

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  app = await openApp(browser);
});
afterEach(async () => {
  const { problems } = app;
  await app.close();
  expect(problems).toEqual([]);
});

/** A picture of one colour, a little lighter each time. */
const picture = async (name: string, [r, g, b]: readonly [number, number, number], at: number) => ({
  name: `${name}-${at}.png`,
  mimeType: "image/png",
  buffer: await sharp({
    create: { width: 64, height: 48, channels: 3, background: { r: r + 8 * at, g: g + 8 * at, b: b + 8 * at } },
  })
    .png()
    .toBuffer(),
});

const SKY = [40, 120, 190] as const;
const LEAF = [30, 130, 30] as const;

const teach = async (page: Page): Promise<void> => {
  await page.getByText("Teach your own classes").click();
  expect(await page.getByTestId("teach").isDisabled()).toBe(true);
  for (const [number, name, colour] of [
    [1, "sky", SKY],
    [2, "leaf", LEAF],
  ] as const) {
    await page.getByLabel(`Name of class ${number}`).fill(name);
    const files = await Promise.all([0, 1, 2].map((at) => picture(name, colour, at)));
    await page.getByTestId(`class-pictures-${number}`).setInputFiles(files);
  }
  await page.getByTestId("teach").click();
  await page.getByTestId("taught").waitFor();
};

const chosenModel = (page: Page): Promise<string | null> =>
  page.getByTestId("model-picker").locator("option:checked").textContent();

test("two classes are taught, name the photos there are, and are saved and opened again", async () => {
  const { page } = app;
  await page.getByTestId("file-input").setInputFiles(await picture("unseen", LEAF, 4));
  expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
  await teach(page);
  expect(await page.getByTestId("taught").innerText()).toMatch(/100\s% rightly/);
  await expect.poll(() => chosenModel(page)).toBe("Yours: sky, leaf");
  await expect.poll(async () => (await shownPredictions(page.getByTestId("predictions")))[0]?.label).toBe("leaf");
  await page.getByTestId("heat").or(page.getByText("Where it looked")).first().waitFor();

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save these classes" }).click(),
  ]);
  const saved = await readFile(await download.path());
  await page.getByTestId("model-picker").selectOption("everyday-vit");
  await expect.poll(async () => (await shownPredictions(page.getByTestId("predictions"))).length).toBe(5);
  await page
    .getByTestId("open-classes")
    .setInputFiles({ name: "classes.json", mimeType: "application/json", buffer: saved });
  await expect.poll(async () => (await shownPredictions(page.getByTestId("predictions")))[0]?.label).toBe("leaf");
});

test("what is no head, and one of another model, are told in words", async () => {
  const { page } = app;
  await page.getByText("Teach your own classes").click();
  const open = (text: string) =>
    page
      .getByTestId("open-classes")
      .setInputFiles({ name: "classes.json", mimeType: "application/json", buffer: Buffer.from(text) });
  await open("{ not json");
  await page.getByText("That file holds no classes.").waitFor();
  await open(JSON.stringify({ labels: ["a", "b"], weight: [[1], [2]], bias: [0, 0] }));
  await page.getByTestId("error").getByText("That does not fit the model in use.").waitFor();
  await open("{}");
  await page.getByTestId("error").getByText("That does not fit the model in use.").waitFor();
});
