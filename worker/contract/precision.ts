import { VisionError } from "./errors.ts";

const PRECISIONS = ["float32", "float16"] as const;

/** What weights, and what is computed from them, are kept in on the GPU; sums are float32 in any case. */
export type Precision = (typeof PRECISIONS)[number];

/** Callers without types may ask for anything. Throws `invalid-argument`. */
export function expectPrecision(precision: Precision): Precision {
  if (PRECISIONS.includes(precision)) return precision;
  throw new VisionError("invalid-argument", `precision: expected ${PRECISIONS.join(" or ")}, got ${String(precision)}`);
}
