import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { repositoryRoot } from "./repository-root.ts";

const ENGINE = join(repositoryRoot, "worker/kernels/wasm");
const SOURCES = join(ENGINE, "assembly");
/** What a thread of Node runs, which reads no TypeScript; in a browser it is bundled with the worker. */
const THREAD = join(ENGINE, "serve-steps.ts");
const OUTPUT = join(repositoryRoot, "dist/kernels"); // as far from src/node as from dist/lib: one relative path for both

const OPTIONS = [
  ...["--runtime", "stub", "--noAssert", "--importMemory", "--initialMemory", "1"],
  ...["--optimizeLevel", "3", "--shrinkLevel", "0"],
  ...["--disableWarning", "112"], // v128 between functions of ours is nobody else's affair
];

const SHARED = ["--sharedMemory", "--maximumMemory", "65536"]; // pages: all there are

/** What each build has of its own, by the name of its file. */
const BUILDS = {
  encoder: ["--enable", "simd,threads"],
  "encoder-relaxed": ["--enable", "simd,threads,relaxed-simd"],
  "encoder-threads": ["--enable", "simd,threads", ...SHARED],
  "encoder-relaxed-threads": ["--enable", "simd,threads,relaxed-simd", ...SHARED],
};

/**
 * Compiles the wasm kernels of encoders to `dist/kernels`; where they are fresh, says so and does nothing. Whoever runs
 * or builds anything may call it first.
 */
export async function compileKernels(): Promise<"compiled" | "fresh"> {
  const stamp = join(OUTPUT, "sources.txt");
  const fingerprint = fingerprintOf(readdirSync(SOURCES).sort());
  if (readIfThere(stamp) === fingerprint) return "fresh";
  mkdirSync(OUTPUT, { recursive: true });
  for (const [name, options] of Object.entries(BUILDS)) await compile(`${name}.wasm`, options);
  await transpileThread();
  replaceFile(stamp, fingerprint);
  return "compiled";
}

/** What the output depends on: sources, options, compiler. */
function fingerprintOf(files: readonly string[]): string {
  const { version } = createRequire(import.meta.url)("assemblyscript/package.json") as { version: string };
  const hash = createHash("sha256").update(JSON.stringify([version, OPTIONS, BUILDS]));
  for (const file of files) hash.update(file).update(readFileSync(join(SOURCES, file)));
  hash.update(readFileSync(THREAD));
  return hash.digest("hex");
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

/** A text to TypeScript: the compiler's own types would bring global ones into every file of the project. */
const COMPILER: string = "assemblyscript/asc";

/** What we use of it. */
type Compiler = {
  readonly main: (
    options: readonly string[],
    files: {
      readFile(name: string, folder: string): string | null;
      writeFile(name: string, contents: unknown): void;
      listFiles(): null;
      stderr: { write(chunk: unknown): void };
    },
  ) => Promise<{ readonly error: Error | null }>;
};

async function compile(file: string, options: readonly string[]): Promise<void> {
  const { main } = (await import(COMPILER)) as Compiler; // slow to load, seldom needed
  let binary: Uint8Array | undefined;
  let complaints = "";
  const { error } = await main(["index.ts", "--outFile", file, ...OPTIONS, ...options], {
    readFile: (name, folder) => readIfThere(join(folder.startsWith("/") ? folder : SOURCES, name)),
    writeFile: (_, contents) => void (binary = contents as Uint8Array),
    listFiles: () => null,
    stderr: { write: (chunk) => void (complaints += String(chunk)) },
  });
  if (error || !binary) throw new Error(`${file}: the kernels do not compile.\n${complaints}`, { cause: error });
  replaceFile(join(OUTPUT, file), binary);
}

async function transpileThread(): Promise<void> {
  const { default: typescript } = await import("typescript");
  const { ModuleKind, ScriptTarget } = typescript;
  const compilerOptions = { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 };
  const { outputText } = typescript.transpileModule(readFileSync(THREAD, "utf8"), { compilerOptions });
  replaceFile(join(OUTPUT, "serve-steps.mjs"), outputText);
}

/** In one go: another process may be reading it. */
function replaceFile(path: string, contents: string | Uint8Array): void {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, contents);
  renameSync(fresh, path);
}
