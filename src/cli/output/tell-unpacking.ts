import type { UnpackProgress } from "../../../datasets/archive/unpacked-folder.ts";
import { createProgressLine, type ProgressStream } from "./progress-line.ts";

/** Tells on stderr how far a data set's archives are unpacked; not at all where they lie there unpacked. */
export function tellUnpacking(stream: ProgressStream = process.stderr): (progress: UnpackProgress) => void {
  const progress = createProgressLine(stream, 10); // percent
  return ({ loaded, total }) => {
    const percent = Math.floor((100 * loaded) / total);
    progress.tell(percent, `unpacking: ${percent} %`);
    if (loaded === total) progress.clear();
  };
}
