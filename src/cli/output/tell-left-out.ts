import { countByEnding } from "../../../datasets/count-by-ending.ts";
import type { OpenedSplit } from "../../../datasets/open-split.ts";

/** Says how many pictures of a split are of a kind that is not read, where there are some. */
export function tellLeftOut({ split, skipped }: Pick<OpenedSplit, "split" | "skipped">): void {
  if (skipped.length === 0) return;
  console.error(`Left out of ${split}: ${countByEnding(skipped)} (not read; save them as JPEG or PNG)`);
}
