import type { ImageRecipe } from "../../contract/pixels.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import type { VitConfig } from "../../models/vit/config.ts";

/** Which kind of model, and its measures. */
export type ModelShape =
  | { readonly type: "vit"; readonly config: VitConfig }
  | { readonly type: "attention-cnn"; readonly config: AttentionCnnConfig };

/** A model as it is written: an opened one, with its parameters as numbers. */
export type WritableModel = ModelShape & {
  readonly recipe: ImageRecipe;
  readonly labels: readonly string[]; // by class index; empty without a head
  readonly parameters: ReadonlyMap<string, Float32Array>; // by the names of the model's own table, row-major
  readonly rawConfig: unknown; // the config.json it came from, parsed; `null` where there is none
};

/** Precision of the written weights. */
export type WrittenDtype = "F32" | "F16";
