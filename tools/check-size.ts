/** Fails when what a visitor downloads, models and `.wasm` files apart, has outgrown its budget. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { repositoryRoot } from "./repository-root.ts";

/** Compressed with gzip, kB of 1,000 bytes. */
const BUDGETS = [
  { what: "library (src/index.ts, without the worker)", entry: "src/index.ts", kilobytes: 10, counts: isPageScript },
  { what: "worker (worker/main.ts)", entry: "src/index.ts", kilobytes: 200, counts: isWorkerScript },
  { what: "overlay (src/overlay/index.ts)", entry: "src/overlay/index.ts", kilobytes: 12, counts: isPageScript },
  { what: "lab (lab.html, first load without the worker)", entry: "lab.html", kilobytes: 150, counts: isFirstLoad },
  { what: "lab's worker (worker/lab-main.ts)", entry: "lab.html", kilobytes: 80, counts: isFirstWorkerScript },
  { what: "lab's worker, once it is given a picture", entry: "lab.html", kilobytes: 115, counts: isWorkerScript },
] as const;

const SOURCES = ["src/index.ts", "src/overlay/index.ts", "worker/main.ts", "lab.html", "worker/lab-main.ts"];

type Output = Rolldown.OutputChunk | Rolldown.OutputAsset;

function isPageScript(file: Output): boolean {
  return file.type === "chunk";
}

/** What a page asks for before anybody touches it. */
function isFirstLoad(file: Output): boolean {
  return file.type === "chunk" ? !file.isDynamicEntry : /\.(css|html)$/.test(file.fileName);
}

/** Vite bundles a worker apart and hands it to the page's build as an asset. */
function isWorkerScript(file: Output): boolean {
  return file.type === "asset" && file.fileName.endsWith(".js");
}

/** All but what the lab's worker fetches with the first picture. */
function isFirstWorkerScript(file: Output): boolean {
  return isWorkerScript(file) && !file.fileName.includes("lab-pictures");
}

/** An entry of the package and the worker it may start, bundled as the app is, all exports of the entry used. */
async function bundle(entry: string): Promise<readonly Output[]> {
  const result = await build({
    root: repositoryRoot,
    logLevel: "error",
    build: {
      write: false,
      modulePreload: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict" },
    },
  });
  if (!("output" in result)) throw new Error("Vite: wanted the output of one build, got several or a watcher");
  return result.output;
}

function compressedKilobytes(file: Output): number {
  return gzipSync(file.type === "chunk" ? file.code : file.source, { level: 9 }).length / 1000;
}

const missing = SOURCES.filter((path) => !existsSync(join(repositoryRoot, path)));
if (missing.length > 0) throw new Error(`nothing to measure: ${missing.join(" and ")} not found`);

const bundles = new Map<string, readonly Output[]>();
for (const { what, entry, kilobytes, counts } of BUDGETS) {
  const files = bundles.get(entry) ?? (await bundle(entry));
  bundles.set(entry, files);
  const size = files.filter(counts).reduce((sum, file) => sum + compressedKilobytes(file), 0);
  console.log(`${what}: ${size.toFixed(1)} of ${kilobytes} kB gzip`);
  if (size === 0) throw new Error(`${what}: wanted a script in the build, found none`);
  if (size > kilobytes) process.exitCode = 1;
}
