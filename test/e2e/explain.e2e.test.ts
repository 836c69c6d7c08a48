import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { differenceOf, pixelsOf } from "./overlay-pixels.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const WASM = "?backend=wasm";

const { num_hidden_layers: LAYERS, num_attention_heads: HEADS } = JSON.parse(
  await readFile("public/models/everyday-vit/config.json", "utf8"),
) as Record<"num_hidden_layers" | "num_attention_heads", number>;

/** The page once it shows where the model looked in the first of the example pictures. */
const openLooked = async (options: Parameters<typeof openApp>[1] = {}, address = WASM): Promise<OpenApp> => {
  const app = await openApp(browser, options, address);
  await app.page.getByRole("button", { name: "drawings" }).click();
  await app.page.getByTestId("predictions").nth(2).waitFor();
  await settled(app.page);
  return app;
};

/** Until nothing is under way and the map is drawn. */
const settled = async (page: Page): Promise<void> => {
  await page.getByTestId("overlay").waitFor();
  await page.getByTestId("query").waitFor();
  await expect.poll(() => page.locator(".glass").getAttribute("data-busy")).toBe("false");
  await page.getByTestId("progress").waitFor({ state: "detached" });
};

const overlayPixels = (page: Page): Promise<number[]> => pixelsOf(page.getByTestId("overlay"));

/** Does something that changes the map, and gives how much its pixels changed. */
const changeBy = async (page: Page, act: () => Promise<unknown>): Promise<number> => {
  const before = await overlayPixels(page);
  await act();
  await settled(page);
  return differenceOf(before, await overlayPixels(page));
};

const openPart = (page: Page, part: string): Promise<void> => page.locator(`[data-testid=${part}] > summary`).click();

const countRuns = (page: Page): Promise<number> => page.evaluate(() => (window as unknown as { sent: number }).sent);

describe("a photo's map", () => {
  test("is there unasked, follows method, layer and head, and goes when it is hidden", async () => {
    const { page, problems, close } = await openLooked();
    await page.getByTestId("seen").waitFor(); // the drawings are wider than high
    const shown = await overlayPixels(page);
    const hidden = await changeBy(page, () => page.getByRole("button", { name: "Hide the map" }).click());
    expect(hidden).toBeGreaterThan(5);
    await page.getByRole("button", { name: "Show the map" }).click();
    expect(differenceOf(shown, await overlayPixels(page))).toBe(0);
    expect(await changeBy(page, () => page.getByTestId("method").selectOption("raw"))).toBeGreaterThan(1);
    expect(await changeBy(page, () => page.getByTestId("layer").selectOption("0"))).toBeGreaterThan(1);
    expect(await changeBy(page, () => page.getByTestId("head").selectOption("2"))).toBeGreaterThan(1);
    await page.getByTestId("method").selectOption("grad-cam");
    await page.getByTestId("head").waitFor({ state: "detached" });
    await settled(page);
    await close();
    expect(problems).toEqual([]);
  });

  test("follows the patch that arrow keys or the pointer reach, without another run", async () => {
    const { page, problems, close } = await openLooked();
    const overlay = page.getByTestId("overlay");
    await page.evaluate(() => {
      const counter = window as unknown as { sent: number };
      counter.sent = 0;
      const post = Reflect.get(Worker.prototype, "postMessage") as (...args: unknown[]) => void;
      Worker.prototype.postMessage = function (this: Worker, ...args: unknown[]) {
        counter.sent += 1;
        post.apply(this, args);
      };
    });
    await overlay.focus();
    expect(await changeBy(page, () => page.keyboard.press("ArrowRight"))).toBeGreaterThan(1);
    expect(await changeBy(page, () => page.keyboard.press("ArrowDown"))).toBeGreaterThan(0.5);
    await page.getByRole("status").getByText("Column 6, row 7").waitFor();
    expect(await changeBy(page, () => page.getByTestId("query-back").click())).toBeGreaterThan(1);
    const unmoved = await overlayPixels(page);
    await overlay.hover({ position: { x: 120, y: 30 } });
    expect(differenceOf(unmoved, await overlayPixels(page))).toBeGreaterThan(1);
    await page.mouse.move(1, 1);
    expect(differenceOf(unmoved, await overlayPixels(page))).toBe(0);
    await overlay.click({ position: { x: 120, y: 30 } });
    await page.mouse.move(1, 1);
    await page.getByTestId("query-back").waitFor();
    expect(await countRuns(page)).toBe(0);
    await close();
    expect(problems).toEqual([]);
  });

  test("of a class is asked for in the list of predictions", async () => {
    const { page, close } = await openLooked();
    await page.getByTestId("method").selectOption("rollout");
    await settled(page);
    const second = page.getByTestId("predictions").first().locator("button").nth(1);
    expect(await changeBy(page, () => second.click())).toBeGreaterThan(0.5);
    expect(await page.getByTestId("method").inputValue()).toBe("chefer");
    expect(await second.getAttribute("aria-pressed")).toBe("true");
    await page.locator(".look .hint", { hasText: `“${await second.textContent()}”` }).waitFor();
    await close();
  });

  test("is of the photo that is chosen, and of the model in use", async () => {
    const { page, problems, close } = await openLooked();
    await page.getByTestId("photo-choose").last().click();
    await settled(page);
    expect(await page.getByTestId("photo").evaluateAll((all) => all.map((card) => card.dataset.open))).toEqual([
      "false",
      "false",
      "true",
    ]);
    await page.getByTestId("model-picker").selectOption("everyday-cnn");
    await page.locator("[data-testid=method] option[value=module]").waitFor({ state: "attached" });
    await settled(page);
    expect(await page.getByTestId("layer").locator("option").count()).toBe(3); // stages
    expect(await changeBy(page, () => page.getByTestId("method").selectOption("module"))).toBeGreaterThan(1);
    expect(await page.getByTestId("layer").count()).toBe(0);
    await close();
    expect(problems).toEqual([]);
  });
});

describe("beyond the one map", () => {
  test("a layer or head that is chosen among all is shown large", async () => {
    const { page, problems, close } = await openLooked();
    await openPart(page, "heads");
    await page.getByTestId("layer-strip").click({ position: { x: 20, y: 20 } });
    await settled(page);
    expect(await page.getByTestId("method").inputValue()).toBe("raw");
    expect(await page.getByTestId("layer").inputValue()).toBe("0");
    await page.getByTestId("head-grid").focus();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("status").getByText("Head 1").waitFor();
    await page.keyboard.press("Enter");
    await settled(page);
    expect(await page.getByTestId("head").inputValue()).toBe("1");
    expect(await page.locator(".plot circle").count()).toBe(2 * LAYERS * HEADS);
    await page.getByTestId("play").click();
    await expect.poll(() => page.getByTestId("layer").inputValue()).toBe("2");
    await close();
    expect(problems).toEqual([]);
  });

  test("another method, or another photo, stands beside it", async () => {
    const { page, close } = await openLooked();
    await openPart(page, "compare");
    await page.getByTestId("compare-with").selectOption({ label: "Attention rollout" });
    const other = page.getByTestId("overlay-other");
    await other.waitFor();
    await page.getByTestId("progress").waitFor({ state: "detached" });
    const method = await pixelsOf(other);
    expect(differenceOf(method, await pixelsOf(page.getByTestId("overlay-this")))).toBeGreaterThan(1);
    await page.getByTestId("compare-with").selectOption({ label: "ladybug.jpg" });
    await page.locator(".side", { hasText: "ladybug.jpg" }).waitFor();
    await page.getByTestId("progress").waitFor({ state: "detached" });
    await expect.poll(async () => differenceOf(method, await pixelsOf(other))).toBeGreaterThan(10);
    await close();
  });

  test("a map is put to the test, and a test that is cancelled leaves the page as it was", async () => {
    const { page, problems, close } = await openLooked();
    await openPart(page, "trials");
    await page.getByTestId("try-all").click();
    await page.getByTestId("cancel").click();
    await page.getByTestId("progress").waitFor({ state: "detached" });
    expect(await page.getByTestId("try-shown").isEnabled()).toBe(true);
    await page.getByTestId("try-shown").click();
    const row = page.getByTestId("trial-results").locator("tbody tr[data-method=chefer]");
    expect(await row.innerText()).toMatch(/Relevance \(Chefer\)\s+\d+\.\d%\s+\d+\.\d%\s+[+−]\d+\.\d/);
    await close();
    expect(problems).toEqual([]);
  });

  test("what is saved can be read", async () => {
    const { page, problems, close } = await openLooked();
    await openPart(page, "share");
    const save = async (kind: string): Promise<{ name: string; bytes: Buffer }> => {
      const [download] = await Promise.all([page.waitForEvent("download"), page.getByTestId(`save-${kind}`).click()]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const json = await save("json");
    const map = JSON.parse(json.bytes.toString()) as { grid: number[]; map: number[]; method: string; file: string };
    expect(map).toMatchObject({ method: "chefer", grid: [12, 12], file: "lemon.jpg" });
    const npy = await save("npy");
    const values = new Float32Array(new Uint8Array(npy.bytes.subarray(-144 * 4)).buffer);
    expect(map.map.map(Math.fround)).toEqual([...values]);
    const png = await save("png");
    const photo = await sharp("public/examples/lemon.jpg").metadata();
    const picture = await sharp(png.bytes).metadata();
    expect(picture.width).toBe(photo.width);
    expect(picture.height).toBeGreaterThan(photo.height); // the legend stands below it
    expect([json, npy, png].map(({ name }) => name)).toEqual([
      "lemon-chefer.json",
      "lemon-chefer.npy",
      "lemon-chefer.png",
    ]);
    await close();
    expect(problems).toEqual([]);
  });

  test("a link restores the view, and says what of it cannot be", async () => {
    const first = await openLooked({ permissions: ["clipboard-read", "clipboard-write"] });
    await first.page.getByTestId("method").selectOption("raw");
    await first.page.getByTestId("layer").selectOption("2");
    await first.page.getByTestId("head").selectOption("3");
    await openPart(first.page, "appearance");
    await first.page.getByTestId("style").selectOption("contours");
    await first.page.getByTestId("colours").selectOption("magma");
    await settled(first.page);
    const shown = await overlayPixels(first.page);
    await openPart(first.page, "share");
    await first.page.getByTestId("copy-link").click();
    await first.page.getByText("Link copied").first().waitFor();
    const link = new URL(await first.page.evaluate(() => navigator.clipboard.readText()));
    await first.page.evaluate(() => Object.defineProperty(navigator, "clipboard", { value: undefined })); // as over http
    await first.page.getByTestId("copy-link").click();
    expect(await first.page.getByLabel("Link to this view").inputValue()).toBe(link.href);
    await first.close();

    const second = await openLooked({}, `${WASM}${link.hash}`);
    expect(await second.page.getByTestId("layer").inputValue()).toBe("2");
    expect(await second.page.getByTestId("head").inputValue()).toBe("3");
    expect(differenceOf(shown, await overlayPixels(second.page))).toBeLessThan(1);
    expect(await second.page.getByTestId("link-notice").count()).toBe(0);
    await second.page.evaluate(() => (location.hash = "#method=raw&layer=99&colours=pink"));
    await second.page.getByTestId("link-notice").getByText("colours, layer").waitFor();
    await second.page.getByTestId("link-notice").getByRole("button").press("Enter");
    expect(await second.page.getByTestId("link-notice").count()).toBe(0);
    expect(await second.page.locator(":focus").getAttribute("data-testid")).toBe("file-input");
    expect(await second.page.getByTestId("layer").inputValue()).toBe(`${LAYERS - 1}`);
    await second.close();
  });
});

describe("for everybody", () => {
  const openAll = async (page: Page): Promise<void> => {
    for (const part of ["heads", "compare", "trials", "appearance", "share"]) await openPart(page, part);
    await page.getByTestId("compare-with").selectOption({ label: "Attention rollout" });
    await page.getByTestId("try-shown").click();
    await page.getByTestId("trial-results").waitFor();
    await page.locator(".plot circle").first().waitFor();
    await settled(page);
  };

  test.each(["light", "dark"] as const)(
    "axe finds nothing in %s colours, with every part open",
    async (colorScheme) => {
      const { page, problems, close } = await openLooked({ colorScheme, reducedMotion: "reduce" });
      await openAll(page);
      const { violations } = await new AxeBuilder({ page }).analyze();
      expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
      expect(await page.getByTestId("play").textContent()).toBe("Next layer"); // nothing moves by itself
      await close();
      expect(problems).toEqual([]);
    },
  );

  test("a phone shows all of it within its width, and every control can be touched", async () => {
    const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
    const { page, problems, close } = await openLooked(phone);
    await openAll(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
    const small = await page.evaluate(() =>
      [...document.querySelectorAll(".look-more .button, .look select, .look .button, .look-more select, summary")]
        .filter((control) => control.closest(".look, .look-more"))
        .filter((control) => control.getBoundingClientRect().height < 43.5)
        .map((control) => control.outerHTML),
    );
    expect(small).toEqual([]);
    await page.getByTestId("overlay").tap({ position: { x: 100, y: 40 } });
    await page.getByTestId("query-back").waitFor();
    await close();
    expect(problems).toEqual([]);
  });

  test("a worker that dies is replaced, and the map comes from the next", async () => {
    const { page, close } = await openLooked();
    const worker = page.workers()[0];
    await worker?.evaluate(() => void setTimeout(() => void Promise.reject(new Error("a test ends this worker"))));
    await page.getByText(/; continuing on wasm/).waitFor();
    expect(await changeBy(page, () => page.getByTestId("method").selectOption("rollout"))).toBeGreaterThan(1);
    await close();
  });
});
