import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "vite";
import { compileKernels } from "../../tools/compile-kernels.ts";
import { repositoryRoot } from "../../tools/repository-root.ts";
import { slimTfjs } from "../../tools/slim-tfjs.ts";
import { CACHE } from "../models/model-files.ts";

/** Scripts that a page starts with. */
const PAGES = ["contestant.ts", "library.ts"];
const VISITS = readdirSync(join(import.meta.dirname, "visits")).filter((file) => file !== "visit.ts");

const BUILT = join(CACHE, "pages");

/** Builds every page for production, each peer with its own; gives the folder, where page `name` is `name.js`. */
export async function buildPages(): Promise<string> {
  await compileKernels();
  const entries = [...PAGES, ...VISITS.map((file) => `visits/${file}`)];
  const input = Object.fromEntries(entries.map((file) => [basename(file, ".ts"), join(import.meta.dirname, file)]));
  await build({
    configFile: false,
    root: repositoryRoot,
    base: "./",
    publicDir: false,
    logLevel: "error",
    worker: { format: "es", plugins: () => [slimTfjs()] },
    build: {
      outDir: BUILT,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 10_000, // kB: peers are as large as they are
      rolldownOptions: { input, output: { entryFileNames: "[name].js" } },
    },
  });
  return BUILT;
}
