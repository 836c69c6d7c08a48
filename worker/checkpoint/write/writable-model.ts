import type { ImageRecipe } from "../../contract/pixels.ts";
import type { EncoderConfig } from "../../models/encoder/config.ts";

/** A model as it is written: an opened one, with its parameters as numbers. */
export type WritableModel = EncoderConfig & {
  readonly recipe: ImageRecipe;
  readonly labels: readonly string[]; // by class index; empty without a head
  readonly parameters: ReadonlyMap<string, Float32Array>; // by the names of the model's own table, row-major
  readonly rawConfig: unknown; // the config.json it came from, parsed; `null` where there is none
};

/** Precision of the written weights. */
export type WrittenDtype = "F32" | "F16";
