/**
 * Measures this project beside its peers, in turns, and writes what it finds: `bench/results/<part>.json` as each part
 * ends, then the tables made of them.
 *
 *   npm run bench -- [--quick] [--only part,…] [--output folder]
 *
 * `--quick` takes a fifth of the rounds and leaves ViT-B/16 out, to see whether everything works; it leaves README.md and
 * bench/results alone, and so does a run with a folder of its own.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { repositoryRoot } from "../tools/repository-root.ts";
import { tellConditions } from "./measure/conditions.ts";
import { servePages } from "./measure/serve-pages.ts";
import { CACHE } from "./models/model-files.ts";
import { buildPages } from "./pages/build-pages.ts";
import { captionStep } from "./parts/caption-step.ts";
import { embeddedModels } from "./parts/embedded-models.ts";
import { encoderWasm } from "./parts/encoder-wasm.ts";
import { encoderWebgl } from "./parts/encoder-webgl.ts";
import { explainCost } from "./parts/explain-cost.ts";
import { firstAnswer } from "./parts/first-answer.ts";
import { pageMemory } from "./parts/page-memory.ts";
import type { Bench, Part } from "./parts/part.ts";
import { replaceBetweenMarks, writeReadmeTable } from "./report/readme-table.ts";
import { isSoftware } from "./report/result.ts";
import { readResults, writeFormatted, writeResult } from "./report/result-files.ts";
import { writeReport } from "./report/tables.ts";

/** The quickest first, so that a run that is stopped has the most to show. */
const PARTS = [firstAnswer, pageMemory, captionStep, explainCost, embeddedModels, encoderWasm, encoderWebgl];

const RESULTS = join(repositoryRoot, "bench/results");
const README = join(repositoryRoot, "README.md");
const QUICK = 0.2; // of the rounds

const { quick, only, output } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" }, output: { type: "string" } },
}).values;
const folder = output ?? (quick ? join(CACHE, "quick") : RESULTS);

function chooseParts(): readonly Part[] {
  const names = only?.split(",") ?? PARTS.map(({ name }) => name);
  return names.map((name) => {
    const part = PARTS.find((each) => each.name === name);
    if (part) return part;
    throw new Error(`--only: expected some of ${PARTS.map((each) => each.name).join(", ")}; got ${name}`);
  });
}

const begin = performance.now();
const minutesSince = (start: number): number => (performance.now() - start) / 60_000;

function tell(text: string): void {
  const seconds = Math.round((performance.now() - begin) / 1000);
  console.log(`${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}  ${text}`);
}

async function measure(part: Part, bench: Omit<Bench, "software">): Promise<void> {
  const start = performance.now();
  const conditions = await tellConditions();
  const software = isSoftware(conditions);
  tell(`${part.name}: ${part.title}`);
  const findings = await part.measure({ ...bench, software, tell: (text) => tell(`  ${text}`) });
  const { name, title } = part;
  await writeResult(folder, { part: name, title, quick, minutes: minutesSince(start), ...conditions, ...findings });
  tell(`${name}: ${minutesSince(start).toFixed(1)} min`);
}

/** After each part, so that a run that is stopped has told what it knows. */
async function writeTables(): Promise<string> {
  const results = await readResults(folder);
  await writeFormatted(join(folder, "README.md"), writeReport(results));
  const table = writeReadmeTable(results);
  if (folder === RESULTS) await writeFormatted(README, replaceBetweenMarks(await readFile(README, "utf8"), table));
  return table;
}

async function runAll(): Promise<void> {
  const parts = chooseParts();
  tell("building the pages");
  const server = await servePages(await buildPages());
  const rounds = (full: number): number => (quick ? Math.ceil(full * QUICK) : full);
  let table = "";
  for (const part of parts) {
    try {
      await measure(part, { server, quick, rounds, tell });
      table = await writeTables();
    } catch (error) {
      console.error(`${part.name} failed:`, error);
      process.exitCode = 1;
    }
  }
  await server.close();
  console.log(`\n${table}\n`);
  tell(`done: ${join(folder, "README.md")}`);
}

await runAll();
