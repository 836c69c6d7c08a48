import { chromium, type Browser } from "playwright";
import { browserFlags } from "./browser-flags.ts";
import { findBrowser } from "./find-browser.ts";

/** Starts a headless browser with WebGL and a fresh profile, and `more` flags. The caller closes it. */
export async function launchBrowser(...more: readonly string[]): Promise<Browser> {
  const args = [...browserFlags(), ...more];
  return chromium.launch({ executablePath: await findBrowser(), args, headless: true });
}
