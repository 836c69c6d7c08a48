import { readFileSync } from "node:fs";
import { cpus, loadavg, release, type } from "node:os";
import { join } from "node:path";
import { repositoryRoot } from "../../tools/repository-root.ts";
import { launchBrowser } from "../../test/setup/launch-browser.ts";
import type { Conditions } from "../report/result.ts";

const PEERS = ["onnxruntime-web", "@huggingface/transformers", "@tensorflow/tfjs-core"];

type BrowserFacts = Pick<Conditions, "browser" | "renderer">;

let facts: BrowserFacts | null = null;

/** What this machine is, and how busy. */
export async function tellConditions(): Promise<Conditions> {
  const date = new Date().toISOString();
  const [load = 0] = loadavg(); // before the browser adds its own
  const processors = cpus();
  facts ??= await askBrowser();
  return {
    date,
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    system: `${type()} ${release()}`,
    ...facts,
    load: Math.round(load * 100) / 100,
    versions: Object.fromEntries(PEERS.map((name) => [name, versionOf(name)])),
  };
}

function versionOf(name: string): string {
  const manifest = readFileSync(join(repositoryRoot, "node_modules", name, "package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

async function askBrowser(): Promise<BrowserFacts> {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const renderer = await page.evaluate(() => {
      const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
      return (
        gl &&
        String(gl.getParameter(gl.getExtension("WEBGL_debug_renderer_info")?.UNMASKED_RENDERER_WEBGL ?? gl.RENDERER))
      );
    });
    return { browser: `${browser.browserType().name()} ${browser.version()}`, renderer };
  } finally {
    await browser.close();
  }
}
