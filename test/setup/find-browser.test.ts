import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findBrowser } from "./find-browser.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "patchlight-browser-"));
  vi.stubEnv("PATCHLIGHT_BROWSER", "");
  vi.stubEnv("CHROME_PATH", "");
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

function browserNamed(name: string): string {
  const path = join(folder, name);
  writeFileSync(path, "");
  return path;
}

test("PATCHLIGHT_BROWSER goes before CHROME_PATH, and both before what is installed", async () => {
  vi.stubEnv("CHROME_PATH", browserNamed("chrome"));
  expect(await findBrowser()).toBe(join(folder, "chrome"));
  vi.stubEnv("PATCHLIGHT_BROWSER", browserNamed("patchlight"));
  expect(await findBrowser()).toBe(join(folder, "patchlight"));
});

test("a named browser that is not there is an error that names the setting and the path", async () => {
  const path = join(folder, "gone");
  vi.stubEnv("CHROME_PATH", path);
  await expect(findBrowser()).rejects.toThrow(`CHROME_PATH: wanted the path of a browser, got ${path}`);
});

test.runIf(process.platform === "linux")("an installed browser is found on PATH, Chrome before Chromium", async () => {
  vi.stubEnv("PATH", `/nonexistent:${folder}`);
  browserNamed("chromium");
  expect(await findBrowser()).toBe(join(folder, "chromium"));
  browserNamed("google-chrome");
  expect(await findBrowser()).toBe(join(folder, "google-chrome"));
});
