import type { BrowserContext } from "playwright";
import { launchBrowser } from "../../test/setup/launch-browser.ts";
import type { Waited } from "../pages/visits/visit.ts";
import { peakMemory } from "./browser-processes.ts";
import { openPage } from "./open-page.ts";
import type { PageServer } from "./serve-pages.ts";

declare global {
  var told: Waited | { readonly failed: string } | undefined;
}

/** A page by the name of its script, and the settings in its address. */
export type Visited = { readonly name: string; readonly page: string; readonly settings?: string };

const POLLING = 50; // milliseconds; the default, every frame, would have the page draw

/** A page for the first time, in a browser started for it, and once more with what that browser has kept. */
export async function visitTwice({ url, takeBytes }: PageServer, visited: Visited) {
  return inNewBrowser(async (context) => {
    takeBytes();
    const first = await visitOnce(context, url, visited);
    const bytes = takeBytes();
    return { first, bytes, second: await visitOnce(context, url, visited) };
  });
}

/** A page for the first time, over a line that brings so many bytes of a model a second. */
export async function visitSlowly({ url, sendModelsAt }: PageServer, visited: Visited, pace: number): Promise<Waited> {
  sendModelsAt(pace);
  try {
    return await inNewBrowser((context) => visitOnce(context, url, visited));
  } finally {
    sendModelsAt(null);
  }
}

type Peaks = { readonly page: number | null; readonly gpu: number | null };

/** The most that a page's process, and the GPU's, ever held until it had answered so many times, MB. */
export async function visitForMemory({ url }: PageServer, visited: Visited, answers: number): Promise<Peaks> {
  return inNewBrowser(async (context) => {
    let peaks: Peaks = { page: null, gpu: null };
    const look = (): void => void (peaks = { page: peakMemory("renderer"), gpu: peakMemory("gpu-process") });
    await visitOnce(context, url, visited, answers, look);
    return peaks;
  });
}

async function inNewBrowser<Seen>(see: (context: BrowserContext) => Promise<Seen>): Promise<Seen> {
  const browser = await launchBrowser();
  try {
    return await see(await browser.newContext());
  } finally {
    await browser.close();
  }
}

/** `onTold` is called while the page still stands. */
async function visitOnce(
  context: BrowserContext,
  url: string,
  { name, page: script, settings = "" }: Visited,
  answers = 1,
  onTold?: () => void,
): Promise<Waited> {
  const page = await openPage(context, url, `${script}?answers=${answers}&${settings}`);
  const told = await page.waitForFunction(() => globalThis.told, null, { polling: POLLING });
  const waited = (await told.jsonValue())!;
  onTold?.();
  await page.close();
  if ("failed" in waited) throw new Error(`${name}: ${waited.failed}`);
  return waited;
}
