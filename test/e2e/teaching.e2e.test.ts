import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import sharp from "sharp";
import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { giveFiles } from "./give-files.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { notAPicture } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";
import { tinyModel } from "./tiny-model.ts";

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

const fill = async (page: Page): Promise<void> => {
  await page.getByText("Teach your own classes").click();
  for (const [number, name, colour] of [
    [1, "sky", SKY],
    [2, "leaf", LEAF],
  ] as const) {
    await page.getByLabel(`Name of class ${number}`).fill(name);
    const files = await Promise.all([0, 1, 2].map((at) => picture(name, colour, at)));
    await page.getByTestId(`class-pictures-${number}`).setInputFiles(files);
  }
};

const teach = async (page: Page): Promise<void> => {
  await page.getByTestId("teach").click();
  await page.getByTestId("taught").waitFor();
};

const saveClasses = async (page: Page): Promise<Buffer> => {
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Save these classes" }).click(),
  ]);
  return readFile(await download.path());
};

const openClasses = (page: Page, buffer: Buffer): Promise<void> =>
  page.getByTestId("open-classes").setInputFiles({ name: "classes.json", mimeType: "application/json", buffer });

const firstLabel = async (page: Page): Promise<string | undefined> =>
  (await shownPredictions(page.getByTestId("predictions")))[0]?.label;

const chosenModel = (page: Page): Promise<string | null> =>
  page.getByTestId("model-picker").locator("option:checked").textContent();

test("two classes are taught, name the photos there are, and are saved and opened again", async () => {
  const { page } = app;
  await page.getByTestId("file-input").setInputFiles(await picture("unseen", LEAF, 4));
  expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
  await fill(page);
  await teach(page);
  expect(await page.getByTestId("taught").innerText()).toMatch(/now names your photos sky or leaf\. .* 100\s% rightly/);
  await expect.poll(() => chosenModel(page)).toBe("Yours: sky, leaf");
  await expect.poll(() => firstLabel(page)).toBe("leaf");
  await page.getByTestId("heat").or(page.getByText("Where it looked")).first().waitFor();

  const saved = await saveClasses(page);
  await page.getByTestId("model-picker").selectOption("everyday-vit");
  await page.getByTestId("taught").waitFor({ state: "detached" });
  expect(await page.getByRole("button", { name: "Save these classes" }).count()).toBe(0);
  await openClasses(page, saved);
  await expect.poll(() => firstLabel(page)).toBe("leaf");
  await page.getByTestId("taught").waitFor();
});

test("teaching again takes the place of what was taught before", async () => {
  const { page } = app;
  await fill(page);
  await teach(page);
  await page.getByLabel("Name of class 1").fill("sea");
  await page.getByTestId("teach").click();
  await page.getByTestId("taught").getByText("sea or leaf").waitFor();
  expect(await page.getByTestId("model-picker").locator("optgroup[label=Yours] option").allTextContents()).toEqual([
    "Yours: sea, leaf",
  ]);
});

test("a saved file is opened with the model it was made with, or says which one that is", async () => {
  const { page } = app;
  await fill(page);
  await teach(page);
  const saved = await saveClasses(page);
  await page.getByTestId("model-file-input").setInputFiles(tinyModel(["sun", "hill"]));
  await page.getByTestId("taught").waitFor({ state: "detached" });
  await openClasses(page, saved);
  await page.getByTestId("taught").getByText("sky or leaf").waitFor();
  expect(await page.locator(".model-facts").innerText()).toContain("Knows 2 labels");
  const { model, ...head } = JSON.parse(saved.toString()) as { readonly model: string };
  expect(model).toBe("everyday-vit");
  await openClasses(page, Buffer.from(JSON.stringify({ ...head, model: "hf:owner/name" })));
  await page.getByTestId("teaching").getByText("Load owner/name first").waitFor();
});

test("what is no head, and one of another model, are told in words", async () => {
  const { page } = app;
  await page.getByText("Teach your own classes").click();
  const error = page.getByTestId("teaching").getByTestId("error");
  for (const text of ["{ not json", "{}"]) {
    await openClasses(page, Buffer.from(text));
    await error.getByText("That file holds no classes.").waitFor();
    await openClasses(page, Buffer.from(JSON.stringify({ labels: ["a", "b"], weight: [[1], [2]], bias: [0, 0] })));
    await error.getByText("That does not fit the model in use.").waitFor();
  }
  expect(await page.getByTestId("error").count()).toBe(1);
});

test("why nothing can be taught yet is said beside the button", async () => {
  const { page } = app;
  await page.getByText("Teach your own classes").click();
  const button = page.getByTestId("teach");
  const described = () =>
    button.evaluate((it) => document.getElementById(it.getAttribute("aria-describedby") ?? "")?.textContent);
  expect([await button.isDisabled(), await described()]).toEqual([true, "Name two classes first."]);
  for (const number of [1, 2]) await page.getByLabel(`Name of class ${number}`).fill("sky");
  expect([await button.isDisabled(), await described()]).toEqual([true, "Two classes are named sky."]);
});

test("a picture that cannot be read is told, and can be taken out with the keyboard", async () => {
  const { page } = app;
  await fill(page);
  await page.getByTestId("class-pictures-1").setInputFiles([notAPicture, await picture("last", SKY, 4)]);
  const tiles = page.getByRole("list", { name: "Pictures of class sky" }).getByRole("listitem");
  await expect.poll(() => tiles.locator("img").count()).toBe(4);
  expect(await tiles.count()).toBe(5);
  await page.getByTestId("teach").click();
  await page.getByTestId("error").getByText("A picture cannot be read.").waitFor();
  expect(await page.getByTestId("error").locator("details[open]").count()).toBe(1);
  expect(await tiles.nth(3).getAttribute("title")).toBe(notAPicture.name);

  await page.getByRole("button", { name: "Remove picture 4 of class sky" }).focus();
  await page.keyboard.press("Enter");
  expect(await tiles.count()).toBe(4);
  expect(await page.locator(":focus").getAttribute("title")).toBe("Remove last-4.png");
  await teach(page);
});

test("of many pictures the first are shown, the others on demand, each with a button that can be touched", async () => {
  const { page } = app;
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByText("Teach your own classes").click();
  const files = await Promise.all(Array.from({ length: 30 }, (_, at) => picture("sky", SKY, at % 8)));
  await page.getByTestId("class-pictures-1").setInputFiles(files);
  const tiles = page.getByRole("list", { name: "Pictures of class 1" }).getByRole("listitem");
  await expect.poll(() => tiles.count()).toBe(24);
  await page.getByRole("button", { name: "and 6 more" }).click();
  await expect.poll(() => tiles.locator("img").count()).toBe(30);
  const small = await tiles.getByRole("button").evaluateAll(
    (all) =>
      all.filter((it) => {
        const { width, height, right } = it.getBoundingClientRect();
        return width < 24 || height < 24 || right > innerWidth;
      }).length,
  );
  expect(small).toBe(0);
  const { violations } = await new AxeBuilder({ page }).include(".teaching").analyze();
  expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
});

test("pictures dropped on a class are added to it, and to nothing else", async () => {
  const { page } = app;
  await page.getByText("Teach your own classes").click();
  const drag = (type: string, on: string): Promise<void> =>
    page.evaluate(
      ({ type, on }) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["x"], "x.jpg"));
        document
          .querySelector(on)!
          .dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
      },
      { type, on },
    );
  const row = page.getByTestId("class-2");
  const veil = page.locator(".drop-veil");
  await drag("dragenter", "body");
  await veil.waitFor();
  await drag("dragover", "[data-testid=class-2] input");
  await veil.waitFor({ state: "detached" });
  expect(await row.getAttribute("data-over")).toBe("true");

  await giveFiles(page, "drop", [await picture("leaf", LEAF, 0)], "[data-testid=class-2] input");
  await row.getByText("Add pictures · 1").waitFor();
  expect(await row.getAttribute("data-over")).toBe("false");
  expect(await page.getByTestId("photo").count()).toBe(0);
});
