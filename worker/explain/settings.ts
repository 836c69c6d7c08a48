import { VisionError } from "../contract/errors.ts";
import type { ExplainMethod } from "../contract/explain-request.ts";
import type { ExplainSettings } from "../contract/explanation.ts";
import { UNASKED } from "../contract/heat.ts";

/** The layer asked for, else the last. `what`: a block, a stage. Throws `invalid-argument` for one that is not there. */
export function settleLayer(what: string, asked: number | undefined, layers: number): number {
  const layer = asked ?? layers - 1;
  if (Number.isInteger(layer) && layer >= 0 && layer < layers) return layer;
  throw new VisionError("invalid-argument", `layer: wanted a ${what} from 0 to ${layers - 1}, got ${layer}`);
}

/** Says that a kind of model cannot be explained in this way, and in which it can. */
export const refuseMethod = (kind: string, method: string, known: readonly ExplainMethod[]): VisionError =>
  new VisionError("invalid-argument", `method: of a ${kind} wanted ${known.join(", ")}, got ${method}`);

/** The settings of a method that asks no question. */
export const unasked = (method: ExplainMethod): ExplainSettings => ({ ...UNASKED, method });
