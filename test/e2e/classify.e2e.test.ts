import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright";
import sharp from "sharp";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { giveFiles } from "./give-files.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { emptyFile, notAPicture, picture, pictures } from "./pictures.ts";
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

const states = (): Promise<(string | null)[]> =>
  app.page.getByTestId("photo").evaluateAll((cards) => cards.map((card) => card.getAttribute("data-state")));

describe("the page", () => {
  test("shows the backend, its reason, and the embedded model", async () => {
    const { page } = app;
    const backend = page.getByTestId("backend");
    expect(await backend.textContent()).toMatch(/^(WebGL|wasm|cpu) · .+/);
    await backend.click();
    expect((await page.locator(".backend-reasons").innerText()).length).toBeGreaterThan(20);
    const chosen = page.getByTestId("model-picker").locator("option:checked");
    expect(await chosen.textContent()).toMatch(/ · [\d.]+ MB$/);
  });
});

describe("a photo", () => {
  test("that is chosen gets five predictions, best first", async () => {
    await app.page.getByTestId("file-input").setInputFiles(await picture("hill.jpg", { width: 1200, height: 900 }));
    const predictions = await shownPredictions(app.page.getByTestId("predictions"));
    const scores = predictions.map(({ score }) => score);
    expect(scores).toHaveLength(5);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores.reduce((sum, score) => sum + score, 0)).toBeLessThanOrEqual(1 + 1e-6);
    expect(scores.every((score) => score >= 0)).toBe(true);
    expect(predictions[0]?.text).toContain(`${((scores[0] ?? 0) * 100).toFixed(1)}%`);
    const thumbnail = app.page.getByRole("listitem").locator("img");
    expect(await thumbnail.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight])).toEqual([
      640, 480,
    ]);
  });

  test("of our own is drawn for those who have none", async () => {
    await app.page.getByRole("button", { name: "drawings" }).click();
    const cards = app.page.getByTestId("photo");
    await expect.poll(() => cards.count()).toBe(3);
    for (const [i, name] of ["lemon", "school bus", "ladybug"].entries()) {
      const [first] = await shownPredictions(cards.nth(i).getByTestId("predictions"));
      expect(first?.label).toBe(name);
    }
  });

  test("is announced once, in words", async () => {
    await app.page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
    const [best] = await shownPredictions(app.page.getByTestId("predictions"));
    await app.page.getByRole("status").getByText(`hill.jpg: ${best?.label}`).waitFor();
  });

  test("can be dropped or pasted, and its address pasted", async () => {
    const { page } = app;
    await giveFiles(page, "drop", [await picture("dropped.jpg")]);
    await giveFiles(page, "paste", [await picture("pasted.jpg")]);
    const { buffer } = await picture("far.jpg");
    await page.route("https://example.org/far.jpg", (route) =>
      route.fulfill({ body: buffer, contentType: "image/jpeg", headers: { "access-control-allow-origin": "*" } }),
    );
    await page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "https://example.org/far.jpg");
      document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
    });
    await page.getByTestId("predictions").nth(2).waitFor();
    const names = await page.locator(".photo-name").allTextContents();
    expect(names.sort()).toEqual(["dropped.jpg", "far.jpg", "pasted.jpg"]);
  });

  test("by an address over http is refused in words, not by the page's policy", async () => {
    await app.page.evaluate(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", "http://example.org/far.jpg");
      document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, clipboardData }));
    });
    expect(await app.page.getByTestId("error").getAttribute("data-code")).toBe("picture-insecure");
    expect(await app.page.getByTestId("error").innerText()).toContain("https");
  });

  test("is shown opaque, in the colours that the model sees", async () => {
    const raw = { width: 64, height: 64, channels: 4 } as const;
    const clear = Buffer.alloc(64 * 64 * 4).map((_, i) => [250, 100, 20, i < 64 * 64 * 2 ? 0 : 128][i % 4]!);
    const buffer = await sharp(clear, { raw }).png().toBuffer();
    await app.page.getByTestId("file-input").setInputFiles({ name: "clear.png", mimeType: "image/png", buffer });
    const shown = app.page.getByRole("listitem").locator("img");
    const pixels = await shown.evaluate(async (image: HTMLImageElement) => {
      await image.decode();
      const context = document.createElement("canvas").getContext("2d")!;
      context.drawImage(image, 0, 0);
      return [16, 48].map((top) => Array.from(context.getImageData(32, top, 1, 1).data));
    });
    for (const [red, green, blue, alpha] of pixels) {
      expect(Math.max(Math.abs(red! - 250), Math.abs(green! - 100), Math.abs(blue! - 20))).toBeLessThan(8); // WebP
      expect(alpha).toBe(255);
    }
  });
});

describe("several photos", () => {
  test("at once are classified in the order they were given", async () => {
    const given = await pictures(12);
    await app.page.getByTestId("file-input").setInputFiles(given);
    await app.page.getByTestId("predictions").nth(11).waitFor();
    expect(await app.page.locator(".photo-name").allTextContents()).toEqual(given.map(({ name }) => name));
    await app.page.getByTestId("progress").waitFor({ state: "detached" });
    await app.page.getByRole("button", { name: "Remove all" }).click();
    await app.page.getByRole("heading", { name: /photos?$/ }).waitFor({ state: "detached" });
    const focused = app.page.locator(":focus");
    expect(await focused.getAttribute("data-testid")).toBe("file-input");
    expect(await app.page.getByTestId("photo").count()).toBe(0);
  });

  test("of a folder come without what lies beside them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "patchlight-photos-"));
    for (const { name, buffer } of await pictures(2)) await writeFile(join(folder, name), buffer);
    await writeFile(join(folder, "notes.txt"), "not a picture");
    await writeFile(join(folder, "picture 0.jpg.json"), '{"title": "picture 0.jpg"}');
    await app.page.getByTestId("folder-input").setInputFiles(folder);
    await app.page.getByTestId("predictions").nth(1).waitFor();
    await app.page.locator(".intake-note", { hasText: "2 files in the folder skipped" }).waitFor();
    expect(await app.page.getByTestId("error").count()).toBe(0);
    await rm(folder, { recursive: true });
    expect(await states()).toEqual(["done", "done"]);
  });
});

describe("what is no picture", () => {
  test("gets its own error, and the next photo its predictions", async () => {
    await app.page.getByTestId("file-input").setInputFiles([notAPicture, emptyFile, await picture("hill.jpg")]);
    await app.page.getByTestId("predictions").waitFor();
    expect(await states()).toEqual(["failed", "failed", "done"]);
    const codes = await app.page
      .getByTestId("error")
      .evaluateAll((errors) => errors.map((error) => error.getAttribute("data-code")));
    expect(codes).toEqual(["image-unknown-format", "image-empty"]);
    expect(await app.page.getByTestId("error").first().innerText()).toContain("not a picture");
    const frames = await app.page
      .locator(".photo-frame")
      .evaluateAll((all) => all.map((frame) => frame.getBoundingClientRect().height));
    expect(Math.max(...frames.slice(0, 2))).toBeLessThan(frames[2]! / 1.5); // no tall empty ones
  });
});
