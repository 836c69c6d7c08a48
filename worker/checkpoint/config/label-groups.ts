import * as v from "valibot";
import { checkJson, count, isObject, malformed, text } from "./check-json.ts";

export const LABEL_GROUPS = "label_groups"; // a field of ours in config.json, which transformers keeps and ignores

const classOf = v.union([text, count], "the name or index of a class");
const groupsSchema = v.array(
  v.pipe(v.array(classOf, "a list of classes"), v.minLength(2, "two classes or more")),
  "a list of groups",
);

/**
 * The classes, by index, whose names mean one thing to people: `"label_groups": [["lobster", "spiny lobster"]]`, each
 * class by its name, or by its index where others bear its name. None where the config tells of none.
 *
 * Throws `config-malformed` for a class that the model does not have, or that stands twice.
 */
export function readLabelGroups(config: unknown, labels: readonly string[], what = "config.json"): number[][] {
  const declared = isObject(config) ? (config[LABEL_GROUPS] ?? []) : [];
  const find = classFinder(labels, what);
  const grouped = new Set<number>();
  return checkJson(groupsSchema, declared, `${what}: ${LABEL_GROUPS}`).map((group) =>
    group.map((name) => {
      const index = find(name);
      if (grouped.has(index)) throw malformed(what, LABEL_GROUPS, "each class once, in one group", name);
      grouped.add(index);
      return index;
    }),
  );
}

function classFinder(labels: readonly string[], what: string): (name: string | number) => number {
  const byName = new Map<string | number, number>();
  const shared = new Set<string | number>();
  for (const [index, label] of labels.entries()) {
    if (byName.has(label)) shared.add(label);
    byName.set(label, index);
  }
  return (name) => {
    const index = typeof name === "number" ? name : byName.get(name);
    if (index === undefined || index >= labels.length) {
      throw malformed(what, LABEL_GROUPS, `some of the model's ${labels.length} classes`, name);
    }
    if (!shared.has(name)) return index;
    throw malformed(what, LABEL_GROUPS, "an index in place of a name that several classes bear", name);
  };
}
