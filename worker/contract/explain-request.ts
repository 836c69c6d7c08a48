/** One head of a layer, or what becomes of all its heads: their mean, the largest, the smallest weight of each pair. */
export type HeadChoice = number | HeadFusion;
export type HeadFusion = "mean" | "max" | "min";

/** Whose attention: the class token's, the mean over all cells', or that of one cell, `row * columns + column`. */
export type Query = "class" | "mean" | number;

/** What is left out takes the method's default; a target left out is the class that the model answers. */
export type ExplainRequest =
  /** One layer's attention as it is; layer: the last. */
  | {
      readonly method: "raw";
      readonly layer?: number | undefined;
      readonly head?: HeadChoice | undefined;
      readonly query?: Query | undefined;
    }
  /** The attention module of a CNN, from any position of its map. */
  | { readonly method: "module"; readonly query?: Query | undefined }
  /** Attention rollout (Abnar & Zuidema 2020); discard: the share of lowest weights set to 0 in each layer, from 0 to below 1. */
  | {
      readonly method: "rollout";
      readonly head?: HeadFusion | undefined;
      readonly discard?: number | undefined;
      readonly query?: Query | undefined;
    }
  /** Attention flow (Abnar & Zuidema 2020): the most that can flow from the query down to each patch. */
  | { readonly method: "flow"; readonly head?: HeadFusion | undefined; readonly query?: Query | undefined }
  /** Rollout of attention times its gradient (Gildenblat, vit-explain). */
  | {
      readonly method: "gradient-rollout";
      readonly target?: number | undefined;
      readonly discard?: number | undefined;
      readonly query?: Query | undefined;
    }
  /** Generic attention explainability (Chefer, Gur & Wolf 2021), for self-attention. */
  | { readonly method: "chefer"; readonly target?: number | undefined; readonly query?: Query | undefined }
  /** Grad-CAM (Selvaraju et al. 2017); layer: the last stage's map of a CNN, the last block's first norm of a ViT. */
  | { readonly method: "grad-cam"; readonly target?: number | undefined; readonly layer?: number | undefined };

export type ExplainMethod = ExplainRequest["method"];

/** For the maps of all heads of all layers at once. */
export type HeadRowsRequest = { readonly query?: Query | undefined };

/** The methods whose map is a row of a matrix `[tokens, tokens]`, so that another query needs no other run. */
export type MatrixRequest = Extract<
  ExplainRequest,
  { readonly method: "raw" | "module" | "rollout" | "gradient-rollout" | "chefer" }
>;
