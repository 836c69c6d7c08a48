import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const EXHIBITS = ["reach", "dates", "attention", "masks", "positions", "cost", "warm-up"];

type OpenLab = { readonly page: Page; readonly problems: string[]; readonly close: () => Promise<void> };

const openLab = async (address: string, options: BrowserContextOptions = {}): Promise<OpenLab> => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.addInitScript(() =>
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`blocked by the page's policy: ${event.effectiveDirective} ${event.blockedURI}`),
    ),
  );
  await page.goto(`${inject("appUrl")}lab.html${address}`);
  await page.locator("h1").waitFor();
  return { page, problems, close: () => context.close() };
};

/** Scrolls there, and waits until nothing on it is computed any more and its formula is set. */
const visit = async (page: Page, id: string): Promise<Locator> => {
  const exhibit = page.locator(`#${id}`);
  await exhibit.scrollIntoViewIfNeeded();
  await page.evaluate((hash) => (location.hash = hash), id);
  await page.waitForFunction((own) => {
    const section = document.getElementById(own)!;
    const settled = section.dataset.visible === "true" && !section.querySelector("[aria-busy=true], .formula > code");
    return settled && !section.textContent.includes("…");
  }, id);
  return exhibit;
};

/** All that an exhibit's main control has an effect on: its texts and its curves. */
const shown = (exhibit: Locator): Promise<string> =>
  exhibit.evaluate((section) => {
    const curves = [...section.querySelectorAll(".chart-line")].map((line) => line.getAttribute("d"));
    return (
      [...section.querySelectorAll("table, .lab-verdict")].map((place) => place.textContent).join() + curves.join()
    );
  });

const slide = (testId: string, keys: string) => (exhibit: Locator) => exhibit.getByTestId(testId).press(keys);

describe("on one page", () => {
  let lab: OpenLab;
  beforeAll(async () => {
    lab = await openLab("?lang=en");
  });
  afterAll(() => lab.close());

  test.each<[string, (exhibit: Locator) => Promise<unknown>]>([
    ["reach", slide("reach-length", "ArrowRight")],
    ["attention", (exhibit) => exhibit.getByTestId("q-0-0").fill("3")],
    ["attention", (exhibit) => exhibit.getByTestId("scaled").uncheck()],
    ["attention", slide("saturation-keys", "ArrowLeft")],
    ["masks", (exhibit) => exhibit.getByTestId("causal").uncheck()],
    ["masks", slide("real", "ArrowLeft")],
    ["positions", slide("places", "ArrowRight")],
    ["positions", (exhibit) => exhibit.getByTestId("add-positions").check()],
    ["positions", (exhibit) => exhibit.getByTestId("shuffle").click()],
    ["cost", slide("size-n", "ArrowRight")],
    ["warm-up", slide("warm-up-updates", "ArrowRight")],
  ])("%s: touching its control changes its numbers", async (id, touch) => {
    const { page, problems } = lab;
    const exhibit = await visit(page, id);
    const before = await shown(exhibit);
    await touch(exhibit);
    await visit(page, id);
    expect(await shown(exhibit)).not.toBe(before);
    expect(problems).toEqual([]);
  });
});

test("attention: what is on screen is the formula's", async () => {
  const { page, close } = await openLab("?lang=en#attention");
  const exhibit = await visit(page, "attention");
  const [first, second] = [4 / Math.SQRT2, -2 / Math.SQRT2].map(Math.exp) as [number, number]; // of q₁ = (2, 0)
  const total = first + 1 + second;
  const row = exhibit.getByTestId("attention-weights").locator("tbody tr").first().locator("td");
  expect(await row.allTextContents()).toEqual([first, 1, second].map((part) => (part / total).toFixed(2)));
  await close();
});

test("positions: without them the answers are permuted along, with them they are not", async () => {
  const { page, close } = await openLab("?lang=en#positions");
  const exhibit = await visit(page, "positions");
  await exhibit.getByText("Self-attention is permuted along.").waitFor();
  await exhibit.getByTestId("add-positions").check();
  await exhibit.getByText("With positions, the order counts.").waitFor();
  await close();
});

test("dates: both learn, wait off screen, stop on demand, and write the visitor's own text", async () => {
  const { page, problems, close } = await openLab("?lang=en#dates");
  const exhibit = page.locator("#dates");
  await exhibit.getByTestId("dates-train").click();
  const update = exhibit.getByTestId("dates-update");
  await update.waitFor();
  const updates = async (): Promise<number> => Number(await update.textContent());
  await expect.poll(updates, { timeout: 30_000 }).toBeGreaterThan(2);

  await page.locator("#warm-up").scrollIntoViewIfNeeded();
  await page.locator("#dates[data-visible=false]").waitFor();
  await expect
    .poll(async () => {
      const before = await updates();
      await page.waitForTimeout(1500);
      return (await updates()) - before;
    })
    .toBe(0);
  await exhibit.scrollIntoViewIfNeeded();
  const held = await updates();
  await expect.poll(updates, { timeout: 30_000 }).toBeGreaterThan(held);

  await exhibit.getByTestId("dates-stop").click();
  const exam = exhibit.getByTestId("dates-exam");
  await exam.waitFor({ timeout: 60_000 });
  expect(await exam.locator("tbody tr").count()).toBe(2);
  await exhibit.getByTestId("own-text").fill("2 may 1999");
  const alignment = exhibit.getByTestId("alignment");
  await expect.poll(() => alignment.locator("thead th").allTextContents()).toEqual([..."2␣may␣1999"]);
  await exhibit.getByTestId("own-text").fill("?");
  await exhibit.getByText("It knows no such characters").waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("the language is kept, and stands in the address", async () => {
  const { page, close } = await openLab("?lang=en");
  const english = await page.locator("h2").allTextContents();
  await page.getByTestId("language-ko").click();
  await page.locator("html[lang=ko]").waitFor();
  const korean = await page.locator("h2").allTextContents();
  expect(korean).toHaveLength(EXHIBITS.length);
  korean.forEach((title, at) => expect(title).not.toBe(english[at]));
  expect(new URL(page.url()).searchParams.get("lang")).toBe("ko");
  await page.goto(`${inject("appUrl")}lab.html`);
  await page.locator("html[lang=ko]").waitFor();
  await close();
});

describe.each([
  ["light", "en"],
  ["dark", "ko"],
] as const)("in %s colours, %s", (colorScheme, language) => {
  test("axe finds nothing with every exhibit on it, and nothing reaches past a small phone's side", async () => {
    const { page, problems, close } = await openLab(`?lang=${language}`, {
      colorScheme,
      reducedMotion: "reduce",
      viewport: { width: 360, height: 800 },
    });
    for (const id of EXHIBITS) await visit(page, id);
    const reaching = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(reaching).toBe(0);
    await page
      .locator("details")
      .evaluateAll((all) => all.forEach((fold) => ((fold as HTMLDetailsElement).open = true)));
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))).toEqual([]);
    expect(problems).toEqual([]);
    await close();
  });
});
