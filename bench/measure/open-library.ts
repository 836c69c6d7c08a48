import type { Browser } from "playwright";
import type { LibraryPage } from "../pages/library.ts";
import { openPage } from "./open-page.ts";

declare global {
  var library: LibraryPage;
}

/** The library in a page of its own that may use threads; see pages/library.ts for what it can be asked. */
export async function openLibrary(browser: Browser, url: string) {
  const page = await openPage(await browser.newContext(), url, "library?isolated");
  await page.waitForFunction(() => "library" in globalThis);
  return {
    load: (...call: Parameters<LibraryPage["load"]>) => page.evaluate((call) => library.load(...call), call),
    ask: (...call: Parameters<LibraryPage["ask"]>) => page.evaluate((call) => library.ask(...call), call),
    writeWords: (...call: Parameters<LibraryPage["writeWords"]>) =>
      page.evaluate((call) => library.writeWords(...call), call),
  };
}
