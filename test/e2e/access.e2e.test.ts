import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp } from "./open-app.ts";
import { notAPicture, picture } from "./pictures.ts";

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A page with everything on it: an answer, an error, and every fold open. */
const fill = async (page: Page): Promise<void> => {
  const name = `${"a very long file name ".repeat(10)}.jpg`;
  await page.getByTestId("file-input").setInputFiles([notAPicture, await picture(name)]);
  await page.getByTestId("predictions").waitFor();
  await page.locator("details").evaluateAll((all) => all.forEach((fold) => ((fold as HTMLDetailsElement).open = true)));
};

const violations = async (page: Page): Promise<string[]> => {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
};

describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
  test("axe finds nothing, on the empty page and on the full one", async () => {
    const { page, problems, close } = await openApp(browser, { colorScheme, reducedMotion: "reduce" });
    expect(await violations(page)).toEqual([]);
    await fill(page);
    expect(await violations(page)).toEqual([]);
    await close();
    expect(problems).toEqual([]);
  });
});

test("from a small phone to a desk, nothing reaches past the page's side", async () => {
  const { page, close } = await openApp(browser);
  await fill(page);
  for (const width of [320, 360, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const reaching = await page.evaluate(() => ({
      page: document.documentElement.scrollWidth - innerWidth,
      controls: [...document.querySelectorAll("button, select, input[type=text], .button, .photo")]
        .filter((control) => control.getBoundingClientRect().right > innerWidth)
        .map((control) => control.outerHTML),
    }));
    expect(reaching, `at ${width} pixels`).toEqual({ page: 0, controls: [] });
  }
  await close();
});

const dragFile = (page: Page, type: "dragenter" | "dragleave"): Promise<void> =>
  page.evaluate((type) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File(["x"], "x.jpg"));
    document.body.dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer }));
  }, type);

test("something dragged over the page shows where it would land", async () => {
  const { page, close } = await openApp(browser);
  const veil = page.getByText("Drop to see what the model sees");
  await dragFile(page, "dragenter");
  await veil.waitFor();
  await dragFile(page, "dragleave");
  await veil.waitFor({ state: "detached" });
  await close();
});

test("a link of the page's own that is dropped on it is no photo, and what comes next from elsewhere is", async () => {
  const { page, close } = await openApp(browser);
  const veil = page.getByText("Drop to see what the model sees");
  await page.getByRole("link", { name: "Lab" }).hover();
  await page.mouse.down();
  for (const y of [200, 220, 240]) await page.mouse.move(300, y);
  expect(await veil.count()).toBe(0);
  await page.mouse.up();
  await dragFile(page, "dragenter");
  await veil.waitFor();
  expect(await page.getByTestId("photo").count()).toBe(0);
  await close();
});

test("the lab opens in a tab of its own only where there is something to lose", async () => {
  const { page, close } = await openApp(browser);
  const lab = page.getByRole("link", { name: "Lab" });
  expect(await lab.getAttribute("target")).toBe("_self");
  await page.getByTestId("file-input").setInputFiles(await picture("hill.jpg"));
  await page.getByRole("link", { name: "Lab (new tab)" }).waitFor();
  const opened = page.context().waitForEvent("page");
  await lab.click();
  await (await opened).getByRole("heading", { level: 1 }).waitFor();
  expect(await page.getByTestId("photo").count()).toBe(1);
  await page.getByRole("button", { name: "Remove all" }).click();
  await page.getByRole("link", { name: "Lab", exact: true }).waitFor();
  expect(await lab.getAttribute("target")).toBe("_self");
  await close();
});

test("a button that goes away by being pressed leaves the keyboard at its place", async () => {
  const { page, close } = await openApp(browser);
  const focused = page.locator(":focus");
  await page.getByRole("button", { name: "drawings" }).press("Enter");
  await page.getByTestId("predictions").nth(2).waitFor();
  expect(await focused.getAttribute("data-testid")).toBe("file-input");
  await page.getByTestId("describe").press("Enter");
  expect(await focused.getAttribute("data-open")).toBe("true"); // the card
  await page.locator("[data-testid=caption][data-unfinished=false]").nth(2).waitFor();
  expect(await focused.getAttribute("data-open")).toBe("true");
  await page.getByTestId("caption-word").first().focus();
  await page.getByTestId("word-back").press("Enter");
  await page.getByTestId("word-back").waitFor({ state: "detached" });
  expect(await focused.getAttribute("data-open")).toBe("true");
  await page.getByTestId("stored-models").locator("summary").press("Enter");
  await page.getByRole("button", { name: "Delete everyday-captioner" }).press("Enter");
  await page.getByRole("button", { name: "Delete" }).nth(1).waitFor({ state: "detached" });
  expect(await focused.getAttribute("aria-label")).toContain("Delete everyday-vit");
  await page.keyboard.press("Enter");
  await page.getByTestId("stored-models").waitFor({ state: "detached" });
  expect(await focused.getAttribute("data-testid")).toBe("model-picker");
  await close();
});

test("so does one of a map, of a test of it, and of a class that is taught", async () => {
  const { page, close } = await openApp(browser, {}, "?backend=wasm");
  const focused = page.locator(":focus");
  await page.getByRole("button", { name: "drawings" }).press("Enter");
  await page.getByTestId("query").waitFor();
  await page.getByTestId("overlay").press("ArrowRight");
  await page.getByTestId("query-back").press("Enter");
  await page.getByTestId("query-back").waitFor({ state: "detached" });
  expect(await focused.getAttribute("data-open")).toBe("true"); // the card
  await page.locator("[data-testid=trials] > summary").press("Enter");
  await page.getByTestId("try-shown").press("Enter"); // rests until the test is done
  await page.getByTestId("trial-results").waitFor();
  expect(await focused.getAttribute("data-testid")).toBe("try-shown");
  await page.getByTestId("teaching").locator("summary").press("Enter");
  await page.getByRole("button", { name: "Add a class" }).press("Enter");
  await page.getByRole("button", { name: "Remove class 3" }).press("Enter");
  await page.getByLabel("Name of class 3").waitFor({ state: "detached" });
  expect(await focused.getAttribute("aria-label")).toBe("Name of class 2");
  await close();
});

test("the keyboard reaches every control, in reading order, with a visible focus", async () => {
  const { page, close } = await openApp(browser);
  const reached: (string | undefined)[] = [];
  for (let i = 0; i < 10; i++) {
    await page.keyboard.press("Tab");
    reached.push(
      await page.evaluate(() => {
        const focused = document.activeElement as HTMLElement;
        const shown = focused.matches("input[type=file]") ? focused.nextElementSibling! : focused;
        if (getComputedStyle(shown).outlineStyle !== "solid") return `no visible focus: ${focused.outerHTML}`;
        return (focused as HTMLInputElement).labels?.[0]?.textContent ?? focused.textContent;
      }),
    );
  }
  expect(reached.filter((_, at) => at !== 1)).toEqual([
    // the second is the backend's name
    "Lab",
    "Choose photos",
    "Choose a folder",
    "Camera",
    "No photo? Try three drawings",
    "Model",
    "Another model",
    "Teach your own classes",
    expect.stringContaining("Kept in this browser"),
  ]);
  await close();
});
