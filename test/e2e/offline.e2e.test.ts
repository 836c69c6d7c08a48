import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { buildApp } from "../setup/serve-built-app.ts";
import { picture } from "./pictures.ts";
import { shownPredictions } from "./predictions.ts";
import { startStaticHost, type StaticHost } from "./static-host.ts";

let browser: Browser;
let context: BrowserContext;
let host: StaticHost;
let problems: string[];

beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

beforeEach(async () => {
  host = await startStaticHost(inject("appFolder"));
  context = await browser.newContext();
  problems = [];
});
afterEach(async () => {
  await context.close();
  await host.stop();
});

const open = async (address = ""): Promise<Page> => {
  const page = await context.newPage();
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(host.url + address);
  return page;
};

/** Stays until everything is kept. */
const visit = async (address = ""): Promise<Page> => {
  const page = await open(address);
  await page.evaluate(() => navigator.serviceWorker.ready);
  return page;
};

const goOffline = async (): Promise<void> => {
  await context.setOffline(true);
  await host.stop();
};

const answerOn = async (page: Page) => {
  await page.locator(".model-facts").waitFor();
  await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
  return shownPredictions(page.getByTestId("predictions"));
};

const offered = (page: Page, title: string): Promise<string> =>
  page.getByTestId("model-picker").locator("option", { hasText: title }).innerText();

describe("after the first visit, without a network", () => {
  test("the page answers as it did, with the model it has loaded, and tells what it cannot have", async () => {
    const page = await visit();
    const before = await answerOn(page);
    expect(await offered(page, "Everyday CNN")).not.toContain("needs a network");
    await goOffline();
    await page.reload();
    expect(await answerOn(page)).toEqual(before);
    expect(await page.getByTestId("error").count()).toBe(0);
    expect(await offered(page, "Everyday things")).not.toContain("needs a network");
    expect(await offered(page, "Everyday CNN")).toContain("needs a network");
    expect(await offered(page, "ViT Tiny")).toContain("needs a network");
    await page.getByTestId("model-picker").selectOption("everyday-cnn");
    await page.getByTestId("error").getByText("This browser does not keep that model.").waitFor();
    await page.getByTestId("file-input").setInputFiles(await picture("other.jpg", { hue: 30 }));
    await page.getByTestId("predictions").nth(1).waitFor();
  });

  test("an address with a question in it, and examples, are there as well", async () => {
    await visit();
    await goOffline();
    const page = await open("index.html?backend=wasm&precision=float16");
    await page.locator(".model-facts").waitFor();
    expect(await page.getByTestId("backend").getAttribute("data-backend")).toBe("wasm");
    const loads = page.evaluate(async () => (await fetch("examples/lemon.jpg")).ok);
    expect(await loads).toBe(true);
  });

  test("the lab opens, sets formulas, and shows what the page's model sees", async () => {
    await answerOn(await visit());
    await goOffline();
    const lab = await open("lab.html?lang=en#tokens");
    await lab.locator("#tokens").getByTestId("token-steps").waitFor();
    await lab.locator("#masks").scrollIntoViewIfNeeded();
    await lab.locator("#masks .formula math").first().waitFor();
  });

  test("the lab's first visit brings the page too, but for its model", async () => {
    await visit("lab.html");
    await goOffline();
    const page = await open();
    await page.getByTestId("error").getByText("This browser does not keep that model.").waitFor();
  });
});

test.each(["failing", "silent"] as const)("a host that is %s is as none", async (mood) => {
  const page = await visit();
  host.mood = mood;
  await page.reload();
  expect(await answerOn(page)).toHaveLength(5);
});

describe("from the second visit on, on a host that sends no headers", () => {
  test("page and lab are isolated, and wasm has its threads", async () => {
    const first = await visit("?backend=wasm");
    const alone = await answerOn(first);
    expect(await first.evaluate(() => crossOriginIsolated)).toBe(false);
    const second = await open("?backend=wasm");
    expect(await answerOn(second)).toEqual(alone);
    const facts = await second.evaluate(() => ({
      isolated: crossOriginIsolated,
      cores: navigator.hardwareConcurrency,
    }));
    expect(facts.isolated).toBe(true);
    expect(second.workers().some((worker) => worker.url().includes("encoder-thread"))).toBe(facts.cores > 1);
    const lab = await open("lab.html#tokens");
    expect(await lab.evaluate(() => crossOriginIsolated)).toBe(true);
    await lab.locator("#tokens").getByTestId("token-steps").waitFor();
    expect(problems).toEqual([]);
  });

  test("pictures and models of other hosts still come", async () => {
    await visit();
    const other = await startStaticHost(inject("appFolder"));
    const page = await open();
    await page.locator(".model-facts").waitFor();
    await page.evaluate((url) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.setData("text/uri-list", url);
      document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
    }, `${other.url}examples/lemon.jpg`);
    expect((await shownPredictions(page.getByTestId("predictions")))[0]?.label).toBe("lemon");
    await page.getByText("Another model").click();
    await page.getByTestId("model-address").fill(`${other.url}models/everyday-cnn/`);
    await page.keyboard.press("Enter");
    await page.locator(".model-facts[data-type=attention-cnn]").waitFor();
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await other.stop();
  });

  test("what is not the app's is left as it is", async () => {
    const page = await visit();
    const response = await page.goto(`${host.url}models/everyday-vit/README.md`);
    expect(response!.fromServiceWorker()).toBe(false);
    const own = await page.goto(`${host.url}lab.html`);
    expect(own!.fromServiceWorker()).toBe(true);
  });
});

describe("a new build", () => {
  let second: string;
  beforeAll(async () => {
    second = await mkdtemp(join(tmpdir(), "patchlight-second-"));
    const titled = { name: "titled", transformIndexHtml: (html: string) => html.replace("<title>", "<title>second ") };
    const worker = { rolldownOptions: { output: { entryFileNames: "assets/second-[name]-[hash].js" } } };
    await buildApp(second, { plugins: [titled], worker });
  });
  afterAll(() => rm(second, { recursive: true, force: true }));

  /** What becomes of the build that the host has now. */
  const update = (page: Page): Promise<string> =>
    page.evaluate(async () => {
      const registration = (await navigator.serviceWorker.getRegistration())!;
      await registration.update();
      const next = registration.installing ?? registration.waiting;
      if (next?.state === "installing") await new Promise((resolve) => next.addEventListener("statechange", resolve));
      return next?.state ?? "none";
    });

  const keptScripts = (page: Page): Promise<string[]> =>
    page.evaluate(async () => {
      const names = (await caches.keys()).filter((name) => name.includes("precache"));
      const kept = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return kept.flat().map(({ url }) => url.replace(/.*\//, "")).filter((name) => name.endsWith(".js")); // prettier-ignore
    });

  test("is shown at once, where there is a network; the one before stays whole as long as it is open", async () => {
    const before = await visit();
    host.folder = second;
    const fresh = await open();
    expect(await fresh.title()).toMatch(/^second/);
    expect(await answerOn(fresh)).toHaveLength(5);
    expect(await fresh.evaluate(() => crossOriginIsolated)).toBe(true);
    expect(await update(fresh)).toBe("installed");
    await goOffline();
    await before.reload();
    expect(await before.title()).toMatch(/^patchlight/);
    expect(await answerOn(before)).toHaveLength(5);
    expect(problems.filter((text) => !text.includes("ERR_"))).toEqual([]);
  });

  test("takes the old one's place, which goes, once that is closed", async () => {
    const page = await visit();
    await page.reload(); // the first visit had no need of what is kept
    const old = await keptScripts(page);
    host.folder = second;
    expect(await update(page)).toBe("installed");
    const outside = await context.newPage();
    await outside.goto(new URL("/", host.url).href);
    expect(await keptScripts(outside)).toEqual(expect.arrayContaining(old));
    await page.close();
    await expect.poll(async () => (await keptScripts(outside)).some((name) => name.startsWith("second-"))).toBe(true);
    await expect.poll(async () => (await keptScripts(outside)).filter((name) => /^main-/.test(name))).toEqual([]);
    await goOffline();
    const after = await open();
    expect(await after.title()).toMatch(/^second/);
    expect(await answerOn(after)).toHaveLength(5);
  });

  test("that has come to the host in part is not taken, and breaks nothing", async () => {
    const page = await visit();
    const old = await keptScripts(page);
    const half = await mkdtemp(join(tmpdir(), "patchlight-half-"));
    await cp(second, half, { recursive: true });
    await cp(join(inject("appFolder"), "index.html"), join(half, "index.html"));
    host.folder = half;
    expect(await update(page)).toBe("redundant");
    await page.reload();
    expect(await answerOn(page)).toHaveLength(5);
    await page.close();
    await goOffline();
    const after = await open();
    expect(await after.title()).toMatch(/^patchlight/);
    expect(await answerOn(after)).toHaveLength(5);
    expect(await keptScripts(after)).toEqual(expect.arrayContaining(old));
    await rm(half, { recursive: true });
  });
});

test.each(["absent", "denied", "refused"])("where service workers are %s all works as without", async (what) => {
  await context.addInitScript((how) => {
    const tell = (error?: Error) => {
      document.documentElement.dataset.asked = "true";
      if (error) throw error;
    };
    const refuse = async () => tell(new TypeError("no storage"));
    const get = () => tell(how === "denied" ? new DOMException("", "SecurityError") : undefined);
    if (how === "refused") ServiceWorkerContainer.prototype.register = refuse as never;
    else Object.defineProperty(Navigator.prototype, "serviceWorker", { get });
  }, what);
  const page = await open();
  expect(await answerOn(page)).toHaveLength(5);
  await page.locator("[data-asked]").waitFor({ state: "attached" });
  expect(problems).toEqual([]);
});
