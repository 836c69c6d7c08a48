import { toCsv } from "../../../datasets/csv.ts";
import { writeOutput } from "./write-output.ts";

/** Answers about several pictures, as `--output` of a command takes them. */
export type Answers = {
  readonly header: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
  readonly lines: readonly object[]; // what `--json` prints of each picture
};

/** Writes a table with a header, or where `path` ends in .json a list of the lines. Rejects as `writeOutput` does. */
export function writeAnswers(path: string, { header, rows, lines }: Answers): Promise<void> {
  const content = /csv$/i.test(path) ? toCsv([header, ...rows]) : `${JSON.stringify(lines, null, 2)}\n`;
  return writeOutput(path, new TextEncoder().encode(content));
}
