import { cellText } from "../worker/contract/cell-text.ts";

/** Rows → comma-separated values as RFC 4180 quotes them, lines ended by a line feed. No text is left a formula. */
export const toCsv = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map(field).join(",")}\n`).join("");

function field(value: string | number): string {
  const text = typeof value === "string" ? cellText(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Comma-separated values as RFC 4180 quotes them → rows; a line may end in CR LF or LF, and an empty one is no row. */
export function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain = "", end] of text.matchAll(FIELD)) {
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

/** A field and what ends it; quotes that do not enclose all of a field are part of it. */
const FIELD = /(?:"([^"]*(?:""[^"]*)*)"|([^,\r\n]*))(,|\r?\n|\r|$)/g;
