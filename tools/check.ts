/**
 * `npm run check` runs every `check:…` script: everything that can be said about the code without running it. Prints what
 * failed, and why.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { delimiter, join } from "node:path";
import { repositoryRoot } from "./repository-root.ts";

const PREFIX = "check:";

type Manifest = { readonly scripts: Readonly<Record<string, string>> };

const manifest = JSON.parse(readFileSync(join(repositoryRoot, "package.json"), "utf8")) as Manifest;
/** In the order of package.json: the longest first, so that none of them starts last. */
const waiting = Object.entries(manifest.scripts).filter(([name]) => name.startsWith(PREFIX));
const failed: string[] = [];

async function runNext(): Promise<void> {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const [script, command] = next;
    const name = script.slice(PREFIX.length);
    const begin = performance.now();
    const { code, output } = await run(command);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
    if (code === 0) continue;
    failed.push(name);
    console.log(`\n> ${command}\n${output.trim()}\n`);
  }
}

function run(command: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const path = [join(repositoryRoot, "node_modules/.bin"), process.env.PATH].join(delimiter);
  const child = spawn(command, { cwd: repositoryRoot, shell: true, env: { ...process.env, PATH: path } });
  let output = "";
  const keep = (text: Buffer): void => void (output += text.toString());
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}

await Promise.all(Array.from({ length: Math.min(availableParallelism(), 4) }, runNext));
if (failed.length > 0) {
  console.log(`check failed: ${failed.join(", ")}`);
  process.exitCode = 1;
}
