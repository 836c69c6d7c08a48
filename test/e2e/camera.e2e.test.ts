import type { Browser, BrowserContextOptions, Page } from "playwright";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../setup/launch-browser.ts";
import { openApp, type OpenApp } from "./open-app.ts";
import { shownPredictions } from "./predictions.ts";

let browser: Browser;
let app: OpenApp;

beforeAll(async () => {
  browser = await launchBrowser("--use-fake-device-for-media-stream"); // a camera that shows a moving disc
});
afterAll(() => browser.close());
afterEach(async () => {
  const { problems } = app;
  await app.close();
  expect(problems).toEqual([]);
});

/** Streams that the page asked for, on its own window. */
type Watched = { readonly streams: MediaStream[] };

async function open(options: BrowserContextOptions = { permissions: ["camera"] }): Promise<Page> {
  app = await openApp(browser, options);
  await app.page.evaluate(() => {
    const streams: MediaStream[] = [];
    Object.assign(window, { streams });
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      streams.push(stream);
      return stream;
    };
  });
  return app.page;
}

const openCamera = (page: Page): Promise<void> => page.getByRole("button", { name: "Camera", exact: true }).click();

const trackStates = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    (window as unknown as Watched).streams.flatMap((stream) => stream.getTracks().map(({ readyState }) => readyState)),
  );

const expectClosed = async (page: Page): Promise<void> => {
  await page.getByRole("region", { name: "Camera" }).waitFor({ state: "detached" });
  expect(await trackStates(page)).toEqual(["ended"]);
};

describe("the camera", () => {
  test("is asked for on a click, shows classes that follow its picture, and stops", async () => {
    const page = await open();
    expect(await trackStates(page)).toEqual([]);
    await openCamera(page);
    const classes = page.getByTestId("live-predictions");
    const first = await shownPredictions(classes);
    expect(first).toHaveLength(3);
    expect(first.map(({ score }) => score)).toEqual(first.map(({ score }) => score).sort((a, b) => b - a));
    await expect.poll(async () => (await shownPredictions(classes))[0]?.score).not.toBe(first[0]?.score);
    expect(await trackStates(page)).toEqual(["live"]);
    await page.getByRole("button", { name: "Stop camera" }).click();
    await expectClosed(page);
    expect(await page.locator(":focus").textContent()).toBe("Camera");
  });

  test("takes a photo beside it, and closes by Escape", async () => {
    const page = await open();
    await openCamera(page);
    await page.getByRole("button", { name: "Take photo" }).click();
    expect(await shownPredictions(page.getByTestId("predictions"))).toHaveLength(5);
    await page.keyboard.press("Escape");
    await expectClosed(page);
  });

  test("goes on counting its photos when it is opened again", async () => {
    const page = await open();
    for (const name of ["Camera 1.png", "Camera 2.png"]) {
      await openCamera(page);
      await page.getByRole("button", { name: "Take photo" }).click();
      await page.getByTestId("photo").filter({ hasText: name }).waitFor();
      await page.getByRole("button", { name: "Stop camera" }).click();
    }
  });

  test("gives pictures to classes that are taught, and then answers with them", async () => {
    const page = await open();
    await page.getByText("Teach your own classes").click();
    await page.getByLabel("Name of class 1").fill("early");
    await page.getByLabel("Name of class 2").fill("late");
    await openCamera(page);
    await page.getByTestId("live-predictions").waitFor();
    for (const name of ["early", "late"]) {
      for (const count of [1, 2]) {
        await page.getByRole("button", { name: `Add to ${name}` }).click();
        await page.getByRole("button", { name: `Add to ${name} · ${count}` }).waitFor();
      }
    }
    await page.getByTestId("teach").click();
    await page.getByTestId("taught").waitFor();
    const shown = async () => (await shownPredictions(page.getByTestId("live-predictions"))).map(({ label }) => label);
    await expect.poll(async () => (await shown()).sort()).toEqual(["early", "late"]);
    await page.getByRole("button", { name: "Stop camera" }).click();
    await expectClosed(page);
  });

  test("stops when the page is out of sight, and says so", async () => {
    const page = await open();
    await openCamera(page);
    await page.getByTestId("live-predictions").waitFor();
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { value: true });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await expectClosed(page);
    await page.locator(".intake-note", { hasText: "out of sight" }).waitFor();
  });

  test("that goes away is told, and its classes with it", async () => {
    const page = await open();
    await openCamera(page);
    await page.getByTestId("live-predictions").waitFor();
    await page.evaluate(() => {
      const [stream] = (window as unknown as Watched).streams;
      stream?.getTracks()[0]?.dispatchEvent(new Event("ended"));
    });
    expect(await page.getByTestId("error").getAttribute("data-code")).toBe("camera-busy");
    expect(await page.getByTestId("live-predictions").count()).toBe(0);
    expect(await trackStates(page)).toEqual(["ended"]);
  });

  test.each([
    { width: 1280, height: 900 },
    { width: 390, height: 844 },
  ])("opens in sight, with its classes and buttons: %o", async (viewport) => {
    const page = await open({ permissions: ["camera"], viewport });
    await openCamera(page);
    await page.getByTestId("live-predictions").waitFor();
    const outOfSight = (): Promise<string[]> =>
      page.locator(".camera :is(video, ol, button)").evaluateAll((parts) => {
        const isSeen = ({ top, bottom }: DOMRect): boolean => top >= 0 && bottom <= innerHeight;
        return parts.filter((part) => !isSeen(part.getBoundingClientRect())).map(({ outerHTML }) => outerHTML);
      });
    await expect.poll(outOfSight).toEqual([]); // it scrolls smoothly
    expect(await page.locator(".camera :is(video, ol, button)").count()).toBe(4);
  });

  test("fits a narrow screen", async () => {
    const page = await open({
      permissions: ["camera"],
      viewport: { width: 360, height: 740 },
      colorScheme: "dark",
    });
    await openCamera(page);
    await page.getByTestId("live-predictions").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
});

describe("no camera", () => {
  test("because it was refused", async () => {
    const page = await open({ permissions: [] });
    await openCamera(page);
    expect(await page.getByTestId("error").getAttribute("data-code")).toBe("camera-refused");
    expect(await page.getByRole("button", { name: "Take photo" }).isDisabled()).toBe(true);
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByTestId("error").waitFor({ state: "detached" });
  });

  test.each([
    ["because the page is not secure", "camera-insecure", "https"],
    ["because there is none", "camera-missing", "choose a photo"],
  ])("%s", async (_, code, words) => {
    const page = await open();
    await page.evaluate((none) => {
      if (none) navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("none", "NotFoundError"));
      else Object.defineProperty(navigator, "mediaDevices", { value: undefined });
    }, code === "camera-missing");
    await openCamera(page);
    expect(await page.getByTestId("error").getAttribute("data-code")).toBe(code);
    expect(await page.getByTestId("error").innerText()).toContain(words);
  });
});
