/**
 * Builds what the npm package ships, in `dist/lib`:
 * - `src/**`, `worker/contract/**`: the browser library and the overlay, compiled file by file, so that its
 *   `new Worker(new URL(…, import.meta.url))` is still there for the bundler of whoever uses it;
 * - `worker/main.js`: the worker as one self-contained module, its `.wasm` files and licence notices beside it;
 * - `cli.js`, `node.js`: the command and the Node library, their dependencies left outside.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, type InlineConfig } from "vite";
import { bundledWorker } from "./bundled-worker.ts";
import { compileKernels } from "./compile-kernels.ts";
import { repositoryRoot } from "./repository-root.ts";

const output = join(repositoryRoot, "dist/lib");

const nodeEntries: InlineConfig = {
  configFile: false,
  root: repositoryRoot,
  publicDir: false,
  logLevel: "warn",
  build: {
    ssr: true,
    target: "node20",
    outDir: output,
    emptyOutDir: false,
    minify: false,
    rolldownOptions: {
      input: { cli: "src/cli/main.ts", node: "src/node/index.ts" },
      output: {
        entryFileNames: "[name].js",
        chunkFileNames: "shared-[hash].js", // beside the entries: paths relative to import.meta.url hold in both
      },
    },
  },
};

function compile(project: string): void {
  const tsc = join(repositoryRoot, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, "-p", join(repositoryRoot, "tools", project)], { stdio: "inherit" });
}

function makeExecutable(path: string): void {
  const code = readFileSync(path, "utf8");
  if (!code.startsWith("#!")) writeFileSync(path, `#!/usr/bin/env node\n${code}`);
  chmodSync(path, 0o755);
}

rmSync(output, { recursive: true, force: true });
await compileKernels();
compile("tsconfig.library.json");
compile("tsconfig.node-types.json");
compile("tsconfig.published-types.json"); // as a user sees them who checks the types of libraries too
await build(bundledWorker(join(output, "worker")));
await build(nodeEntries);
makeExecutable(join(output, "cli.js"));
