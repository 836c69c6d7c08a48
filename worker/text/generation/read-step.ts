import { VisionError } from "../../contract/errors.ts";
import type { DecoderStep, Row } from "./decoder.ts";
import type { Rules } from "./rules.ts";

/**
 * What a step says, row by row. Attention is copied out: a sentence keeps its own rows, not the whole step's.
 * Throws `input-shape` where logits and rows do not fit together or a token of the rules is not in the vocabulary, and
 * `internal` where a logit is not a number, which would make every comparison false.
 */
export function readStep({ logits, attention }: DecoderStep, rows: number, rules: Rules): Row[] {
  const vocabulary = logits.length / rows;
  const cells = attention.length / rows;
  if (!Number.isInteger(vocabulary) || vocabulary < 1) {
    throw mismatch("logits", `a multiple of ${rows} rows`, logits.length);
  }
  if (!Number.isInteger(cells)) throw mismatch("attention", `a multiple of ${rows} rows`, attention.length);
  for (const token of [rules.startToken, ...rules.endTokens, ...rules.suppressed]) {
    if (!(Number.isInteger(token) && token >= 0 && token < vocabulary)) {
      throw mismatch("token", `a whole number below the model's vocabulary of ${vocabulary}`, token);
    }
  }
  if (logits.some(Number.isNaN)) throw new VisionError("internal", "logits: expected numbers, got NaN");
  return Array.from({ length: rows }, (_, row) => ({
    logits: logits.subarray(row * vocabulary, (row + 1) * vocabulary),
    attention: attention.slice(row * cells, (row + 1) * cells),
  }));
}

const mismatch = (what: string, wanted: string, got: number): VisionError =>
  new VisionError("input-shape", `${what}: expected ${wanted}, got ${got}`);
