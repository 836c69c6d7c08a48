import type { ExplainMethod } from "../contract/explain-request.ts";
import type { ExplainSettings } from "../contract/explanation.ts";

/** The settings of a method that asks no question. */
export const unasked = (method: ExplainMethod): ExplainSettings => ({
  method,
  layer: null,
  head: null,
  query: null,
  target: null,
  discard: null,
});
