import { heatOfHead, type HeadChoice, type HeadHeats, type Heat } from "../../../index.ts";

/** A layer's map from those of its heads: one of them, or their mean, the largest or smallest value of each cell. */
export const heatOfLayer = (rows: HeadHeats, layer: number, head: HeadChoice): Heat => {
  if (typeof head === "number") return heatOfHead(rows, layer, head);
  const heats = Array.from({ length: rows.heads }, (_, each) => heatOfHead(rows, layer, each));
  const [first] = heats;
  const values = first!.values.map((_, cell) =>
    fuse(
      heats.map((heat) => heat.values[cell]!),
      head,
    ),
  );
  const range = { min: Math.min(...values), max: Math.max(...values) };
  return { ...first!, values, range, settings: { ...first!.settings, head } };
};

const fuse = (values: readonly number[], how: Exclude<HeadChoice, number>): number => {
  if (how === "max") return Math.max(...values);
  if (how === "min") return Math.min(...values);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
};
