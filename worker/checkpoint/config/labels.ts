import * as v from "valibot";
import { checkJson, malformed, text } from "./check-json.ts";

/** Class names as a config file gives them; plain text, never markup. */
export type DeclaredLabels = {
  readonly byIndex: ReadonlyMap<number, string>;
  readonly classes: number | null; // stated outright: `num_labels`, `num_classes`
};

export const NO_LABELS: DeclaredLabels = { byIndex: new Map(), classes: null };

const labelText = v.union([text, v.pipe(v.number(), v.transform(String))], "text");
const labelTable = v.union([v.array(labelText), v.record(v.string(), labelText)], "an object of names by class index");

/** `id2label` (`{"0": "cat", …}`, ids in any order, gaps allowed) or a list of names → names by index. */
export function readLabelTable(table: unknown, what: string, field = "id2label"): ReadonlyMap<number, string> {
  const checked = checkJson(labelTable, table, `${what}: ${field}`);
  const pairs = Object.entries(checked).map(([id, label]): [number, string] => {
    if (!/^\d{1,9}$/.test(id)) throw malformed(what, field, "class indices as keys", id);
    return [Number(id), label];
  });
  return new Map(pairs);
}

/**
 * How many classes the head must have, given the rows it has (`null`: no head in the file).
 *
 * A stated `num_labels` binds. Otherwise the ids tell: without gaps, their count. With gaps, either the count (what
 * transformers builds) or at least the highest id + 1 (so that every id has a row) is right, whichever the head has.
 * Without any names the head alone decides.
 */
export function countClasses({ byIndex, classes }: DeclaredLabels, rows: number | null): number {
  if (classes !== null) return classes;
  if (byIndex.size === 0) return rows ?? 0;
  let span = 0;
  for (const id of byIndex.keys()) span = Math.max(span, id + 1);
  const skips = span > byIndex.size;
  return skips && rows !== null && (rows === byIndex.size || rows > span) ? rows : span;
}

/**
 * One name for each class; where the config has none, that of the `assumed` ones, if they are as many as the classes,
 * else `class 17`.
 */
export function nameClasses(
  { byIndex }: DeclaredLabels,
  classes: number,
  assumed: readonly string[] = [],
): { readonly labels: string[]; readonly labelsAssumed: boolean } {
  const labelsAssumed = byIndex.size === 0 && classes > 0 && assumed.length === classes;
  const nameOf = (index: number) => (labelsAssumed ? assumed[index] : byIndex.get(index)) ?? `class ${index}`;
  return { labels: Array.from({ length: classes }, (_, index) => nameOf(index)), labelsAssumed };
}
