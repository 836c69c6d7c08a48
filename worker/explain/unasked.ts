import type { ExplainMethod } from "../contract/explain-request.ts";
import type { ExplainSettings } from "../contract/explanation.ts";
import { UNASKED } from "../contract/heat.ts";

/** The settings of a method that asks no question. */
export const unasked = (method: ExplainMethod): ExplainSettings => ({ ...UNASKED, method });
