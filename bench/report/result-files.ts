import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { repositoryRoot } from "../../tools/repository-root.ts";
import type { Result } from "./result.ts";

/** Writes a file as `npm run format` would leave it. */
export async function writeFormatted(path: string, text: string): Promise<void> {
  const options = await resolveConfig(join(repositoryRoot, "README.md"));
  await writeFile(path, await format(text, { ...options, filepath: path }));
}

/** `<part>.json`; samples to the hundredth. */
export async function writeResult(folder: string, result: Result): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rounded = (_: string, value: unknown): unknown =>
    typeof value === "number" && Math.abs(value) >= 1 ? Math.round(value * 100) / 100 : value;
  await writeFormatted(join(folder, `${result.part}.json`), JSON.stringify(result, rounded));
}

/** Every result in a folder, whichever run it came from. */
export async function readResults(folder: string): Promise<Result[]> {
  const files = await readdir(folder).catch(() => []);
  const results = files.filter((file) => file.endsWith(".json")).map((file) => readFile(join(folder, file), "utf8"));
  return (await Promise.all(results)).map((text) => JSON.parse(text) as Result);
}
