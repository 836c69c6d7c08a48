import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Locator, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { emptyFile, notAPicture, picture } from "./pictures.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const EXHIBITS = [
  "reach",
  "dates",
  "attention",
  "masks",
  "positions",
  "cost",
  "warm-up",
  "map-attention",
  "tokens",
  "heads",
];

/** A busy machine compiles WebAssembly, loads a model and computes in that time. */
const SLOW = 90_000; // milliseconds

type OpenLab = { readonly page: Page; readonly problems: string[]; readonly close: () => Promise<void> };

const openLab = async (address: string, options: BrowserContextOptions = {}): Promise<OpenLab> => {
  const context = await browser.newContext({ serviceWorkers: "block", ...options }); // what it asks for, no test sees
  const page = await context.newPage();
  page.setDefaultTimeout(SLOW);
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
  const isSettled = (own: string): boolean => {
    const section = document.getElementById(own)!;
    const settled = section.dataset.visible === "true" && !section.querySelector("[aria-busy=true], .formula > code");
    return settled && !section.textContent.includes("…");
  };
  await page.waitForFunction(isSettled, id);
  return exhibit;
};

/** All that an exhibit's main control has an effect on: its texts and its curves. */
const shown = (exhibit: Locator): Promise<string> =>
  exhibit.evaluate((section) => {
    const curves = [...section.querySelectorAll(".chart-line")].map((line) => line.getAttribute("d"));
    return (
      [...section.querySelectorAll("table, .lab-verdict, .facts")].map((place) => place.textContent).join() +
      curves.join()
    );
  });

/** Key by key, as people do. */
const typeDecimal = async (exhibit: Locator): Promise<void> => {
  const field = exhibit.getByTestId("q-0-0");
  await field.selectText();
  await field.pressSequentially("-1.25");
  expect(await field.inputValue()).toBe("-1.25");
};

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
    ["attention", typeDecimal],
    ["attention", (exhibit) => exhibit.getByTestId("scaled").uncheck()],
    ["attention", slide("saturation-keys", "ArrowLeft")],
    ["masks", (exhibit) => exhibit.getByTestId("causal").uncheck()],
    ["masks", slide("real", "ArrowLeft")],
    ["positions", slide("places", "ArrowRight")],
    ["positions", (exhibit) => exhibit.getByTestId("add-positions").check()],
    ["positions", (exhibit) => exhibit.getByTestId("shuffle").click()],
    ["cost", slide("size-n", "ArrowRight")],
    ["warm-up", slide("warm-up-updates", "ArrowRight")],
    ["map-attention", slide("map-query", "ArrowUp")],
    ["map-attention", slide("gate", "ArrowLeft")],
    ["tokens", slide("tokens-query", "ArrowDown")],
    ["tokens", (exhibit) => exhibit.getByTestId("tokens-query").click({ position: { x: 90, y: 9 } })],
    ["tokens", slide("tokens-layer", "ArrowRight")],
    ["tokens", (exhibit) => exhibit.getByTestId("tokens-class").check()],
    ["heads", slide("heads-layer", "ArrowLeft")],
    ["heads", slide("heads-query", "ArrowLeft")],
    ["heads", (exhibit) => exhibit.getByTestId("example-ladybug.jpg").click()],
  ])("%s: touching its control changes its numbers", async (id, touch) => {
    const { page, problems } = lab;
    const exhibit = await visit(page, id);
    const before = await shown(exhibit);
    await touch(exhibit);
    await expect.poll(() => shown(exhibit), { timeout: SLOW }).not.toBe(before); // an example is fetched before it is busy
    await visit(page, id);
    expect(problems).toEqual([]);
  });
});

/** How far below the top of the screen an exhibit begins, in CSS pixels. */
const topOf = (page: Page, id: string): Promise<number> =>
  page.locator(`#${id}`).evaluate((section) => section.getBoundingClientRect().top);

test("a link to an exhibit far down ends there, whatever grows above it, and lets the reader go", async () => {
  const { page, close } = await openLab("?lang=en#tokens");
  await page.getByTestId("token-steps").waitFor();
  expect(await topOf(page, "tokens")).toBeCloseTo(16, 0); // its margin
  const scrolled = async (): Promise<number> => {
    await page.mouse.wheel(0, -200);
    return topOf(page, "tokens");
  };
  await expect.poll(scrolled).toBeGreaterThan(200);
  let left = NaN;
  let rests = 0; // looks in a row at which it was where it had been
  const rested = async (): Promise<number> => {
    const before = left;
    left = await topOf(page, "tokens");
    rests = left === before ? rests + 1 : 0;
    return rests;
  };
  await expect.poll(rested, { interval: 300, timeout: SLOW }).toBe(3); // it scrolls smoothly, on a busy machine in fits
  await page.locator("#tokens").evaluate((section) => section.append("\n".repeat(9), document.createElement("hr")));
  await page.waitForTimeout(300);
  expect(await topOf(page, "tokens")).toBeCloseTo(left, 0);
  await close();
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
  await exhibit.getByText(/about \d+ (min|s) left/).waitFor();

  await page.locator("#warm-up").scrollIntoViewIfNeeded();
  await page.locator("#dates[data-visible=false]").waitFor();
  await expect
    .poll(
      async () => {
        const before = await updates();
        await page.waitForTimeout(1500);
        return (await updates()) - before;
      },
      { timeout: SLOW }, // the update under way ends first
    )
    .toBe(0);
  await exhibit.scrollIntoViewIfNeeded();
  const held = await updates();
  await expect.poll(updates, { timeout: 30_000 }).toBeGreaterThan(held);

  await exhibit.getByTestId("dates-stop").press("Enter");
  const exam = exhibit.getByTestId("dates-exam");
  await exam.waitFor({ timeout: 60_000 });
  expect(await exam.locator("tbody tr").count()).toBe(2);
  expect(await page.locator(":focus").getAttribute("data-testid")).toBe("dates-train"); // the same button
  await exhibit.getByTestId("own-text").fill("2 may 1999");
  const alignment = exhibit.getByTestId("alignment");
  await expect
    .poll(() => alignment.locator("thead th").allTextContents(), { timeout: SLOW })
    .toEqual([..."2␣may␣1999"]);
  await exhibit.getByTestId("own-text").fill("?");
  await exhibit.getByText("It knows no such characters").waitFor();
  await exhibit.getByTestId("own-text").fill(" ");
  await exhibit.getByText("Type some text, up to 200 characters.").waitFor();
  expect(problems).toEqual([]);
  await close();
});

test("what grows while the address changes does not lead back to the one before", async () => {
  const { page, close } = await openLab("?lang=en#cost");
  await visit(page, "cost");
  await page.evaluate(() => {
    history.replaceState(null, "", "#masks"); // its event would come later, and this tells none
    const space = document.createElement("div");
    space.style.height = "900px";
    document.getElementById("reach")!.append(space);
  });
  await expect.poll(() => topOf(page, "masks")).toBeCloseTo(16, 0);
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
  }, 300_000); // ten exhibits are computed
});

describe("with pictures, on one page", () => {
  let lab: OpenLab;
  beforeAll(async () => {
    lab = await openLab("?lang=en");
  });
  afterAll(() => lab.close());

  test("tokens: the numbers on the page add up as the block's residuals do", async () => {
    const exhibit = await visit(lab.page, "tokens");
    const first = async (step: string): Promise<number> => {
      const row = await exhibit.locator(`[data-step=${step}] td`).last().textContent();
      const [text] = row!.split(/\s+/) as [string];
      return text.includes("·") ? 0 : Number(text.replace("−", "-")); // with a power of ten it is below 0.01
    };
    expect((await first("embedded")) + (await first("position"))).toBeCloseTo(await first("input"), 1);
    expect((await first("input")) + (await first("output"))).toBeCloseTo(await first("attended"), 1);
    expect((await first("attended")) + (await first("contracted"))).toBeCloseTo(await first("result"), 1);
  });

  test("heads: from the class token to a patch and back, by keyboard alone", async () => {
    const exhibit = await visit(lab.page, "heads");
    const [query, place] = [exhibit.getByTestId("heads-query"), exhibit.getByTestId("heads-query-place")];
    expect(await place.textContent()).toBe("the class token");
    await query.press("ArrowRight"); // into the middle
    await query.press("ArrowRight");
    await exhibit.getByText("Seen from column 7, row 6").waitFor();
    expect(await query.getAttribute("aria-label")).toContain("Chosen: column 7, row 6");
    await exhibit.getByTestId("heads-class").press("Space");
    await exhibit.getByText("Seen from the class token").waitFor();
  });

  test("the visitor's own is what all exhibits show, and no byte of it leaves the page", async () => {
    const { page, problems } = lab;
    const sent: string[] = [];
    page.on("request", (request) => request.postData() !== null && sent.push(request.url()));
    const heads = await visit(page, "heads");
    expect(await heads.getByTestId("example-school-bus.jpg").getAttribute("aria-pressed")).toBe("true");
    const before = await shown(heads);
    await heads.getByTestId("heads-file").setInputFiles(await picture("hill.jpg", { width: 90, height: 160 }));
    await heads.getByText("Your photo: hill.jpg").waitFor();
    await expect.poll(() => shown(heads), { timeout: SLOW }).not.toBe(before);
    const tokens = await visit(page, "tokens");
    await tokens.getByText("Your photo: hill.jpg").waitFor();
    const canvas = tokens.getByTestId("tokens-query").locator("canvas");
    expect(await canvas.evaluate(({ width, height }: HTMLCanvasElement) => height / width)).toBeCloseTo(160 / 90, 1);
    expect(sent).toEqual([]);
    expect(problems).toEqual([]);
  });

  test("one dropped anywhere is taken", async () => {
    const { buffer } = await picture("dropped.jpg");
    const transfer = await lab.page.evaluateHandle(
      (bytes) => {
        const dropped = new DataTransfer();
        dropped.items.add(new File([Uint8Array.from(bytes)], "dropped.jpg", { type: "image/jpeg" }));
        return dropped;
      },
      [...buffer],
    );
    await lab.page.locator("h1").dispatchEvent("drop", { dataTransfer: transfer });
    await lab.page.locator("#tokens").getByText("Your photo: dropped.jpg").waitFor();
  });

  test("what is none is told so, in the page's language; the next one is shown", async () => {
    const { page, problems } = lab;
    await page.getByTestId("language-ko").click();
    const tokens = await visit(page, "tokens");
    for (const [file, code] of [
      [notAPicture, "image-unknown-format"],
      [emptyFile, "image-empty"],
    ] as const) {
      await tokens.getByTestId("tokens-file").setInputFiles(file);
      const error = tokens.locator(`[data-code=${code}]`);
      await error.waitFor();
      expect(await error.textContent()).toContain("사진을 읽지 못했습니다.");
    }
    await tokens.getByTestId("example-lemon.jpg").click();
    await tokens.getByTestId("token-steps").waitFor();
    expect(problems).toEqual([]);
  });
});

test("a model that does not come is told, and the next try is made on demand", async () => {
  const { page, close } = await openLab("?lang=en");
  await page.route("**/models/everyday-vit/**", (route) => route.fulfill({ status: 404, body: "" }));
  const heads = page.locator("#heads");
  await heads.scrollIntoViewIfNeeded();
  await heads.getByText("The model could not be loaded.").waitFor();
  await page.unroute("**/models/everyday-vit/**");
  await heads.getByRole("button", { name: "Try again" }).click();
  await heads.getByTestId("heads-answers").waitFor();
  await close();
});
