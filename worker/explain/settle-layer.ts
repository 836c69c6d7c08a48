import { VisionError } from "../contract/errors.ts";

/** The layer asked for, else the last. `what`: a block, a stage. Throws `invalid-argument` for one that is not there. */
export function settleLayer(what: string, asked: number | undefined, layers: number): number {
  const layer = asked ?? layers - 1;
  if (Number.isInteger(layer) && layer >= 0 && layer < layers) return layer;
  throw new VisionError("invalid-argument", `layer: wanted a ${what} from 0 to ${layers - 1}, got ${layer}`);
}
