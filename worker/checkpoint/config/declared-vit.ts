import type { VitConfig } from "../../models/vit/config.ts";
import type { Size } from "../../contract/geometry.ts";
import type { DeclaredLabels } from "./labels.ts";

/**
 * What a config file says of a ViT, before the weights are seen. A field it leaves open is `undefined`, and the
 * weights' shapes decide; a field it states binds, and weights that differ are an error.
 */
export type DeclaredVit = {
  readonly imageSize?: Size | undefined; // pixels
  readonly patchSize?: Size | undefined; // pixels
  readonly channels?: number | undefined;
  readonly hiddenSize?: number | undefined;
  readonly layers?: number | undefined;
  readonly heads?: number | undefined;
  readonly intermediateSize?: number | undefined;
  readonly activation?: VitConfig["activation"] | undefined;
  readonly layerNormEpsilon?: number | undefined;
  readonly queryKeyValueBias?: boolean | undefined;
  readonly classToken?: boolean | undefined;
  readonly distillationToken?: boolean | undefined;
  readonly registers?: number | undefined;
  /** Pixels of the images that positions were learned for; `imageSize` may be another then, and is the recipe's. */
  readonly positionSize?: Size | undefined;
  readonly positionFilter?: VitConfig["positionFilter"] | undefined;
  readonly layerScale?: boolean | undefined;
  readonly distillationHead?: boolean | undefined;
  readonly patchHead?: boolean | undefined;
  readonly pooling?: "class" | "mean" | undefined;
  readonly head?: boolean | undefined; // whether a classifier must, or must not, be there
  readonly labels: DeclaredLabels;
};
