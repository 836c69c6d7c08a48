/** The name with the fewest edits from `wanted`, or `null` where none shares at least half of it. */
export function nearestName(wanted: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let fewest = wanted.length / 2;
  for (const name of names) {
    if (Math.abs(name.length - wanted.length) > fewest) continue;
    const edits = editDistance(wanted, name);
    if (edits > 0 && edits < fewest) [nearest, fewest] = [name, edits];
  }
  return nearest;
}

/** Levenshtein's distance: insertions, deletions and replacements that turn one into the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + Number(a[i - 1] !== b[j - 1]);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
