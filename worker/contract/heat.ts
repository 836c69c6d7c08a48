import type { ExplainSettings } from "./explanation.ts";
import type { Size } from "./geometry.ts";
import type { SeenArea } from "./pixels.ts";

/** The questions a map answers, as they were asked; `null` where the method asks no such question. */
export type HeatSettings = Omit<ExplainSettings, "method">;

/** Where a model looked: one number for each cell of a grid that lies over the part of the photo the model saw. */
export type Heat = {
  readonly method: string;
  readonly grid: Size; // columns (width), rows (height) of the map
  readonly values: Float32Array; // `[rows, columns]`, row-major
  readonly range: { readonly min: number; readonly max: number }; // of the values
  readonly seen: SeenArea;
  readonly settings: HeatSettings;
};
