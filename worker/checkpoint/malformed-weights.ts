import { VisionError } from "../contract/errors.ts";

/** Of a file of weights other than safetensors, which have codes of their own. */
export const malformedWeights = (what: string, why: string): VisionError =>
  new VisionError("weights-malformed", `${what}: ${why}`);
