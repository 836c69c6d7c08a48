import { chromium, type Browser } from "playwright";
import { browserFlags } from "./browser-flags.ts";
import { findBrowser } from "./find-browser.ts";

/** Starts a headless browser with WebGL and a fresh profile. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: await findBrowser(), args: browserFlags(), headless: true });
}
