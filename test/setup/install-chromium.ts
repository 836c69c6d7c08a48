import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

const APT_GET = "/usr/bin/apt-get";
const INSTALLED = "/usr/bin/chromium";
const ADVICE =
  "no browser found to test in: install Chrome or Chromium (npx playwright install chromium), or set PATCHLIGHT_BROWSER to one";

/** Installs Debian's `chromium`, where this process may, and gives its path; rejects with advice elsewhere. */
export async function installChromium(): Promise<string> {
  if (process.getuid?.() !== 0 || !existsSync(APT_GET)) throw new Error(ADVICE);
  console.error("no browser found to test in: installing chromium with apt-get");
  try {
    await aptGet("update", "-qq");
    await aptGet("install", "-qq", "-y", "--no-install-recommends", "chromium");
  } catch (cause) {
    throw new Error(ADVICE, { cause });
  }
  if (!existsSync(INSTALLED)) throw new Error(ADVICE);
  return INSTALLED;
}

function aptGet(...words: string[]): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const child = spawn(APT_GET, words, { env, stdio: ["ignore", "ignore", "inherit"] });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`apt-get ${words.join(" ")}: wanted exit code 0, got ${code}`));
    });
  });
}
