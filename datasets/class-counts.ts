import type { LabelledSplit } from "./labelled-picture.ts";

type Counted = Pick<LabelledSplit, "classes" | "pictures">;

/** How many pictures each class has. */
export function countByClass({ classes, pictures }: Counted): number[] {
  const counts = classes.map(() => 0);
  for (const { classIndex } of pictures) counts[classIndex]! += 1;
  return counts;
}

/** Names of the classes without a picture: they count as classes, but nothing can be learnt or measured of them. */
export function emptyClasses(split: Counted): string[] {
  const counts = countByClass(split);
  return split.classes.filter((_, classIndex) => counts[classIndex] === 0);
}
