import { VisionError } from "../contract/errors.ts";

const refused = (message: string): VisionError => new VisionError("invalid-argument", message);

/** Throws `invalid-argument` unless each of these is one of a model's tokens. */
export function expectTokens(tokens: readonly number[], vocabularySize: number): void {
  const strange = tokens.find((token) => !(Number.isInteger(token) && token >= 0 && token < vocabularySize));
  if (strange !== undefined) throw refused(`token ${strange}: this model knows 0 to ${vocabularySize - 1}`);
}

/** Throws `invalid-argument` unless a model has room for so many tokens. */
export function expectRoom(wanted: number, maxPositions: number): void {
  if (wanted > maxPositions) throw refused(`${wanted} tokens: this model has ${maxPositions} positions`);
}

/** Throws `invalid-argument` unless each of these, one or more, is one of `count` rows. */
export function expectRows(rows: readonly number[], count: number): void {
  if (rows.length > 0 && rows.every((row) => Number.isInteger(row) && row >= 0 && row < count)) return;
  throw refused(`reorder: expected one row or more of 0 to ${count - 1}, got [${rows.join(", ")}]`);
}
