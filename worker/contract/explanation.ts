import type { AttentionMatrix } from "./attention-matrix.ts";
import type { ExplainMethod, HeadChoice, Query } from "./explain-request.ts";
import type { Size } from "./geometry.ts";

/** The questions a map answers, defaults filled in; `null` where the method asks no such question. */
export type ExplainSettings = {
  readonly method: ExplainMethod;
  readonly layer: number | null; // block of a ViT, stage of a CNN, from 0
  readonly head: HeadChoice | null;
  readonly query: Query | null;
  readonly target: number | null; // class index
  readonly discard: number | null; // share of the lowest weights set to 0, 0…1
};

/** Where a model looked in one picture: one number a cell, as the method gives it, not scaled to any range. */
export type Explanation = {
  readonly grid: Size; // cells over the model's input
  readonly values: Float32Array; // [grid.height · grid.width], row-major
  readonly settings: ExplainSettings;
};

/** The maps of every query at once; `mapFromMatrix` takes one of them. Its settings name no query. */
export type MatrixExplanation = AttentionMatrix & { readonly settings: ExplainSettings };

/** One query's map from every head of every layer. */
export type HeadRows = {
  readonly grid: Size; // cells
  readonly layers: number;
  readonly heads: number;
  readonly query: Query;
  readonly values: Float32Array; // [layers, heads, grid.height · grid.width], row-major
};

/** Numbers of every head for one picture, `[layers, heads]`, row-major. */
export type HeadFigures = {
  readonly layers: number;
  readonly heads: number;
  /** Mean attention distance (Dosovitskiy et al. 2021, fig. 7): pixels of the model's input. */
  readonly distance: Float32Array;
  /** Mean entropy of where a token looks: nats, 0 (at one token) … ln T (everywhere alike). */
  readonly entropy: Float32Array;
};

/** The probability of a class while cells of a picture are taken away or put back. */
export type FaithfulnessCurve = {
  readonly fractions: Float32Array; // of the cells, 0…1
  readonly probabilities: Float32Array; // after as many
  readonly area: number; // under the curve, 0…1
};

/** Petsiuk et al. 2018 (RISE): a map that names what counts has a small area of deletion and a large one of insertion. */
export type Faithfulness = { readonly deletion: FaithfulnessCurve; readonly insertion: FaithfulnessCurve };
