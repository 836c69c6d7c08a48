import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { giveFiles } from "./give-files.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { picture, pictures } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";
import { startStaticHost } from "./static-host.ts";
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

const MARKUP = '<img src="x" onerror="document.title = `run`"> & <b>bold</b>';
const LONG = "an endless label ".repeat(60);
const labels = [MARKUP, LONG, ...Array.from({ length: 9_998 }, (_, i) => `label ${i}`)];

const typeAddress = async (page: Page, address: string): Promise<void> => {
  await page.getByText("Another model").click();
  await page.getByTestId("model-address").fill(address);
  await page.keyboard.press("Enter");
};

const chosenModel = (page: Page): Promise<string | null> =>
  page.getByTestId("model-picker").locator("option:checked").textContent();

describe("the first model", () => {
  test("that is not served can be tried again, and the photos that were given meanwhile get their answers", async () => {
    const { page } = app;
    await page.route("**/models/**", (route) => route.fulfill({ status: 404 }));
    await page.reload();
    await page.getByTestId("error").waitFor();
    await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    await page.getByTestId("photo").getByText("Choose a model").waitFor();
    await page.unroute("**/models/**");
    await page.getByRole("button", { name: "Try again" }).click();
    expect(await page.locator(":focus").getAttribute("data-testid")).toBe("model-picker");
    expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
    expect(await page.getByTestId("error").count()).toBe(0);
  });
});

describe("what is no model", () => {
  test("is told in words that fit how it was given", async () => {
    const { page } = app;
    const error = page.getByTestId("error");
    await typeAddress(page, "not a url");
    await error.getByText("not an address").waitFor();
    await page.getByTestId("model-file-input").setInputFiles(tinyModel(["sun"]).slice(0, 1));
    await error.getByText("weights are missing").waitFor();
  });

  test("is not asked for by dropping where there is no mouse", async () => {
    const phone = await openApp(browser, { isMobile: true, hasTouch: true });
    await phone.page.getByText("Another model").click();
    expect(await phone.page.locator(".more .hint").first().innerText()).toMatch(/^Or choose its files: config/);
    expect(phone.problems).toEqual([]);
    await phone.close();
  });
});

describe("a model from files", () => {
  test("classifies the photos again; 10,000 labels, markup and endless words stay text in their place", async () => {
    const { page } = app;
    await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    await page.getByTestId("predictions").waitFor();
    await page.getByTestId("model-file-input").setInputFiles(tinyModel(labels));
    const item = page.locator("[data-label='label 0']");
    await item.waitFor();
    const [first, second] = await shownPredictions(page.getByTestId("predictions"));
    expect([first?.label, second?.label]).toEqual([MARKUP, LONG]);
    expect(first?.text).toContain(MARKUP);
    expect(first?.score).toBeCloseTo(1 - Math.exp(-1), 5); // softmax of 0, −1, −2, …
    expect(await page.locator(".predictions :is(img, b)").count()).toBe(0);
    expect(await page.title()).toContain("patchlight");
    await page.setViewportSize({ width: 360, height: 800 });
    const scores = await page.locator(".prediction-score").evaluateAll((shown) =>
      shown.map((score) => {
        const room = score.closest("ol")!.getBoundingClientRect();
        const { width, right } = score.getBoundingClientRect();
        return { text: score.textContent, fits: width > 0 && right <= Math.min(room.right, innerWidth) + 0.5 };
      }),
    );
    expect(scores).toHaveLength(5);
    expect(scores.filter(({ fits }) => !fits)).toEqual([]);
  });

  test("says what two of its answers come to together that mean one thing to people", async () => {
    const { page } = app;
    const label_groups = [["lobster", "spiny lobster"], ["hill", "mountain"]]; // prettier-ignore
    const names = ["lobster", "sun", "spiny lobster", "hill", "cloud", "mountain"];
    await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    await page.getByTestId("model-file-input").setInputFiles(tinyModel(names, { label_groups }));
    await page.locator("[data-label='lobster']").waitFor();
    const shown = await shownPredictions(page.getByTestId("predictions"));
    expect(shown.map(({ label }) => label)).toEqual(names.slice(0, 5));
    const together = ((1 + Math.exp(-2)) / names.reduce((sum, _, at) => sum + Math.exp(-at), 0)) * 100; // softmax
    const told = await page.getByTestId("predicted-group").allTextContents();
    expect(told).toEqual([`lobster or spiny lobster: ${together.toFixed(1)}% together`]);
  });

  test("is known as one when its files are dropped beside photos", async () => {
    await giveFiles(app.page, "drop", [...tinyModel(["sun", "hill"]), await picture("hill.jpg")]);
    await app.page.locator("[data-label='sun']").waitFor();
    expect(await chosenModel(app.page)).toContain("model.safetensors");
    expect(await app.page.getByTestId("photo").count()).toBe(1);
  });
});

describe("a bare file of weights", () => {
  test.each(["model.npz", "training.pth"])("%s, is a model, and named after it", async (name) => {
    const { page } = app;
    const weights = { name, mimeType: "", buffer: await readFile(`test/golden/file-kinds/${name}`) };
    const config = await readFile("test/golden/file-kinds/timm.json");
    const beside = name === "model.npz" ? [] : [{ name: "config.json", mimeType: "application/json", buffer: config }];
    await giveFiles(page, "drop", [weights, ...beside, await picture("hill.jpg")]);
    await page.getByText("Knows 5 labels").waitFor();
    expect(await chosenModel(page)).toContain(name);
    expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
  });
});

describe("a model without labels", () => {
  test("given while the page starts, is the first, and shows where it looks", async () => {
    const { page } = app;
    await page.reload();
    await page.getByTestId("drop-zone").waitFor();
    const names = ["config.json", "preprocessor_config.json", "model.safetensors"];
    const files = names.map(async (name) => {
      const path = `test/golden/dinov2/registers/${name}`;
      return { name, mimeType: "application/octet-stream", buffer: await readFile(path) };
    });
    await giveFiles(page, "drop", [...(await Promise.all(files)), await picture("hill.jpg")]);
    await page.getByTestId("photo").getByText("This model has no labels. It shows where it looks").waitFor();
    await page.getByTestId("overlay").waitFor();
    expect(await chosenModel(page)).toContain("model.safetensors");
    expect(await page.getByTestId("error").count()).toBe(0);
  });
});

describe("a model by its address", () => {
  test("that is not there leaves the model in use, and says so", async () => {
    const before = await chosenModel(app.page);
    await app.page.route("**/nothing/**", (route) => route.fulfill({ status: 404 }));
    await typeAddress(app.page, `${inject("appUrl")}nothing/`);
    expect(await app.page.getByTestId("error").getAttribute("data-code")).toBe("source-not-found");
    expect(await chosenModel(app.page)).toBe(before);
    await app.page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    expect(await shownPredictions(app.page.getByTestId("predictions"))).toHaveLength(5);
  });

  test("comes from another origin, which tells the length of the compressed file alone", async () => {
    const host = await startStaticHost(inject("appFolder"));
    try {
      const address = `${host.url}models/everyday-cnn/`;
      await typeAddress(app.page, address);
      await app.page.getByText(`${address} is ready.`).or(app.page.getByTestId("error")).waitFor({ state: "attached" });
      expect(await chosenModel(app.page)).toBe(address);
    } finally {
      await host.stop();
    }
  });

  test("loads, is kept in this browser, and can be deleted", async () => {
    const { page } = app;
    const files = new Map(tinyModel(["sun", "hill"]).map(({ name, buffer }) => [name, buffer]));
    await page.route("**/far-model/**", (route) => {
      const body = files.get(new URL(route.request().url()).pathname.split("/").at(-1) ?? "");
      return body ? route.fulfill({ body }) : route.fulfill({ status: 404 });
    });
    await typeAddress(page, `${inject("appUrl")}far-model/`);
    await page.getByText("Knows 2 labels").waitFor();
    await page.getByTestId("stored-models").locator("summary").click();
    const remove = page.getByRole("button", { name: "Delete far-model" });
    await remove.click();
    await remove.waitFor({ state: "detached" });
  });
});

test("with the keys the list of models is gone through, and one is loaded at Enter alone", async () => {
  const { page } = app;
  const asked: string[] = [];
  page.on("request", (request) => void asked.push(request.url()));
  const picker = page.getByTestId("model-picker");
  const before = await picker.inputValue();
  await picker.focus();
  for (let i = 0; i < 4; i++) await page.keyboard.press("ArrowDown");
  expect(await picker.inputValue()).toMatch(/^hf:/);
  await page.getByText("Press Enter to load it").waitFor();
  await page.keyboard.press("Escape");
  expect(await picker.inputValue()).toBe(before);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await page.getByText("Everyday CNN is ready.").or(page.getByTestId("error")).waitFor({ state: "attached" });
  expect(await picker.inputValue()).toBe("everyday-cnn");
  expect(asked.filter((url) => /huggingface|everyday-captioner\/m/.test(url))).toEqual([]);
});

test("a model deleted in another tab is not listed here any more", async () => {
  const { page } = app;
  const stored = page.getByTestId("stored-models");
  await stored.locator("summary").click();
  const other = await page.context().newPage();
  await other.goto(page.url());
  await other.getByTestId("stored-models").locator("summary").click();
  await other.getByRole("button", { name: "Delete everyday-vit" }).click();
  await other.getByTestId("stored-models").waitFor({ state: "detached" });
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange"))); // headless tabs are never hidden
  await stored.waitFor({ state: "detached" });
});

describe("cancelling", () => {
  test("a download with the button or with Escape leaves the model in use", async () => {
    const { page } = app;
    const before = await chosenModel(page);
    await page.route("**/endless/**", () => undefined); // never answered
    await typeAddress(page, `${inject("appUrl")}endless/`);
    await page.getByTestId("progress").waitFor();
    await page.getByTestId("cancel").press("Enter");
    await page.getByTestId("progress").waitFor({ state: "detached" });
    expect(await page.locator(":focus").getAttribute("data-testid")).toBe("model-picker");
    await page.getByRole("button", { name: "Load" }).click();
    await page.getByTestId("progress").waitFor();
    await page.keyboard.press("Escape");
    await page.getByTestId("progress").waitFor({ state: "detached" });
    expect(await chosenModel(page)).toBe(before);
    expect(await page.getByTestId("error").count()).toBe(0);
  });

  test("photos stops the queue; one can be tried again, or all of them", async () => {
    const { page } = app;
    const { buffer } = await picture("late.jpg");
    const answers: (() => void)[] = [];
    const asked = new Promise<void>((resolve) => {
      void page.route("https://example.org/late-*.jpg", (route) => {
        answers.push(() => void route.fulfill({ body: buffer, headers: { "access-control-allow-origin": "*" } }));
        if (answers.length === 2) resolve();
      });
    });
    await page.evaluate(() => {
      for (const url of ["https://example.org/late-1.jpg", "https://example.org/late-2.jpg"]) {
        const dataTransfer = new DataTransfer();
        dataTransfer.setData("text/uri-list", url);
        document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      }
    });
    await asked; // the queue now waits for these two
    await page.getByTestId("file-input").setInputFiles(await pictures(3));
    await page.getByTestId("cancel").press("Enter");
    await page.getByTestId("progress").waitFor({ state: "detached" });
    expect(await page.locator(":focus").textContent()).toBe("5 photos");
    expect(await page.getByText("Cancelled", { exact: true }).count()).toBe(5);
    await page.getByRole("button", { name: "Try picture 1.jpg again" }).click();
    expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
    await page.getByRole("button", { name: "Go on with 4" }).press("Enter");
    expect(await page.locator(":focus").textContent()).toBe("5 photos");
    expect(await page.getByTestId("go-on").count()).toBe(0);
    await expect.poll(() => answers.length).toBe(4);
    for (const answer of answers) answer(); // what nobody waits for any more does no harm
    await page.getByTestId("predictions").nth(4).waitFor();
  });
});
