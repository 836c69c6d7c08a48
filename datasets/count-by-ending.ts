import { extname } from "node:path";

/** How many files end alike, for a sentence: "12 .heic, 3 .bmp", the most first. */
export function countByEnding(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const ending = extname(file).toLowerCase();
    counts.set(ending, (counts.get(ending) ?? 0) + 1);
  }
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([ending, count]) => `${count} ${ending}`).join(", ");
}
