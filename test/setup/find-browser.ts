import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "playwright";
import { installChromium } from "./install-chromium.ts";

const SETTINGS = ["PATCHLIGHT_BROWSER", "CHROME_PATH"] as const;
const COMMANDS = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser", "microsoft-edge"];
const MAC_APPLICATIONS = ["Google Chrome", "Chromium", "Microsoft Edge"];
const WINDOWS_FOLDERS = ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"];
const WINDOWS_PROGRAMS = ["Google\\Chrome\\Application\\chrome.exe", "Microsoft\\Edge\\Application\\msedge.exe"];

/**
 * Path of a Chromium-family browser to run tests in: the one named by `PATCHLIGHT_BROWSER` or `CHROME_PATH`, an
 * installed one, Playwright's own, or, as root on Debian and its kin, one installed now from the package archive.
 * Rejects with one line that says what to install.
 */
export async function findBrowser(): Promise<string> {
  return namedBrowser() ?? installedBrowser() ?? playwrightBrowser() ?? (await installChromium());
}

function namedBrowser(): string | undefined {
  for (const setting of SETTINGS) {
    const path = process.env[setting];
    if (!path) continue;
    if (existsSync(path)) return path;
    throw new Error(`${setting}: wanted the path of a browser, got ${path}, which does not exist`);
  }
  return undefined;
}

function installedBrowser(): string | undefined {
  return usualPlaces().find((path) => existsSync(path));
}

function usualPlaces(): string[] {
  if (process.platform === "darwin") {
    return MAC_APPLICATIONS.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform === "win32") {
    const folders = WINDOWS_FOLDERS.flatMap((name) => process.env[name] ?? []);
    return WINDOWS_PROGRAMS.flatMap((program) => folders.map((folder) => join(folder, program)));
  }
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return COMMANDS.flatMap((command) => folders.map((folder) => join(folder, command)));
}

function playwrightBrowser(): string | undefined {
  const path = chromium.executablePath();
  return path !== "" && existsSync(path) ? path : undefined;
}
