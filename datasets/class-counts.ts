import type { LabelledSplit } from "./labelled-picture.ts";

/** How many pictures each class has. */
export function countByClass({ classes, pictures }: LabelledSplit): number[] {
  const counts = classes.map(() => 0);
  for (const { classIndex } of pictures) counts[classIndex]! += 1;
  return counts;
}

/** Names of the classes without a picture: they count as classes, but nothing can be learnt or measured of them. */
export function emptyClasses(split: LabelledSplit): string[] {
  const counts = countByClass(split);
  return split.classes.filter((_, classIndex) => counts[classIndex] === 0);
}
