import { expect, test } from "vitest";
import { createProgressLine } from "../../../../src/cli/output/progress-line.ts";

function record(isTTY: boolean) {
  const written: string[] = [];
  return { written, progress: createProgressLine({ isTTY, write: (text) => written.push(text) }) };
}

test("a terminal has one line that is written over and taken away", () => {
  const { written, progress } = record(true);
  progress.tell(8, "8 of 16");
  progress.tell(16, "16 of 16");
  progress.clear();
  expect(written).toEqual(["\r\x1b[K8 of 16", "\r\x1b[K16 of 16", "\r\x1b[K"]);
});

test("a file has a line a thousand, wherever the steps fall, and none twice", () => {
  const { written, progress } = record(false);
  for (const done of [500, 999, 1003, 1003, 1900, 2000, 4100]) progress.tell(done, `${done} done`);
  progress.clear();
  expect(written).toEqual(["1003 done\n", "2000 done\n", "4100 done\n"]);
});
