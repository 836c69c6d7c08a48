import type { ModelInfo } from "../../../worker/contract/api.ts";
import { VisionError } from "../../../worker/contract/errors.ts";

/**
 * One numbering for what pictures show and what the model answers: first the data set's classes in their order, then
 * those that the model alone knows.
 */
export type ClassMatch = {
  readonly by: "name" | "position";
  readonly labels: readonly string[]; // the model's words, by class
  readonly ofModel: readonly number[]; // the class of each of the model's outputs
  readonly groups: readonly (readonly number[])[]; // classes that mean one thing to people
};

/**
 * By name where the model knows all the names, else by position, unless a name that it knows stands elsewhere. Throws
 * `invalid-argument` where neither is possible.
 */
export function matchClasses(classes: readonly string[], { labels, labelGroups, name }: ModelInfo): ClassMatch {
  const byName = classes.map((label) => labels.indexOf(label));
  if (byName.every((output) => output >= 0)) {
    const chosen = new Set(byName);
    const outputs = [...byName, ...[...labels.keys()].filter((output) => !chosen.has(output))];
    const ofModel = labels.map((_, output) => outputs.indexOf(output));
    const groups = labelGroups.map((group) => group.map((output) => ofModel[output]!));
    return { by: "name", labels: outputs.map((output) => labels[output]!), ofModel, groups };
  }
  if (classes.length === labels.length && byName.every((output, at) => output < 0 || output === at)) {
    return { by: "position", labels, ofModel: [...labels.keys()], groups: labelGroups };
  }
  const unknown = classes.filter((label) => !labels.includes(label)).slice(0, 3);
  const wanted = `expected the data set's ${classes.length} classes by name, or as many in one order, got ${labels.length}`;
  throw new VisionError("invalid-argument", `${name}: ${wanted}; it does not know ${unknown.join(", ")}`);
}
