import { VisionError } from "../contract/errors.ts";
import type { ExplainMethod } from "../contract/explain-request.ts";

/** Says that a kind of model cannot be explained in this way, and in which it can. */
export const refuseMethod = (kind: string, method: string, known: readonly ExplainMethod[]): VisionError =>
  new VisionError("invalid-argument", `method: of a ${kind} wanted ${known.join(", ")}, got ${method}`);
