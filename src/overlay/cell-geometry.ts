import type { Heat } from "../../worker/contract/heat.ts";
import type { Rectangle, Size } from "../../worker/contract/geometry.ts";
import type { SeenArea } from "../../worker/contract/pixels.ts";

/** One cell of a map: which column from the left, which row from the top, both from 0. */
export type Cell = { readonly column: number; readonly row: number };

/** A place in a picture: (0, 0) is the outer corner of its first pixel, (0.5, 0.5) that pixel's centre. */
export type Point = { readonly x: number; readonly y: number };

/**
 * What the model saw, in pixels of the upright photo: not whole pixels, since the crop was cut from the resized
 * picture, and reaching past the photo's edges where the crop padded.
 */
export function seenRectangle({ source, resized, crop }: SeenArea): Rectangle {
  const across = source.width / resized.width;
  const down = source.height / resized.height;
  return { left: crop.left * across, top: crop.top * down, width: crop.width * across, height: crop.height * down };
}

/** Whether the crop cut less than a hundredth of the photo away at any edge: the crop is centred. */
export function seesWhole(seen: SeenArea): boolean {
  const { left, top } = seenRectangle(seen);
  return left < seen.source.width / 100 && top < seen.source.height / 100;
}

/** The cell that lies over a place in the photo; `null` where the model saw nothing of it. */
export function cellAt({ grid, seen }: Pick<Heat, "grid" | "seen">, { x, y }: Point): Cell | null {
  const area = seenRectangle(seen);
  const column = Math.floor(((x - area.left) / area.width) * grid.width);
  const row = Math.floor(((y - area.top) / area.height) * grid.height);
  const inside = column >= 0 && row >= 0 && column < grid.width && row < grid.height;
  return inside ? { column, row } : null;
}

/** Where a cell lies, in pixels of the photo. */
export function cellRectangle({ grid, seen }: Pick<Heat, "grid" | "seen">, { column, row }: Cell): Rectangle {
  const area = seenRectangle(seen);
  const width = area.width / grid.width;
  const height = area.height / grid.height;
  return { left: area.left + column * width, top: area.top + row * height, width, height };
}

/** Where a cell's value stands in `Heat.values`; also what `HeatSettings.query` counts. */
export const cellIndex = (grid: Size, { column, row }: Cell): number => row * grid.width + column;

export const clampCell = (grid: Size, { column, row }: Cell): Cell => ({
  column: Math.min(Math.max(column, 0), grid.width - 1),
  row: Math.min(Math.max(row, 0), grid.height - 1),
});

const STEPS = new Map<string, Cell>([
  ["ArrowLeft", { column: -1, row: 0 }],
  ["ArrowRight", { column: 1, row: 0 }],
  ["ArrowUp", { column: 0, row: -1 }],
  ["ArrowDown", { column: 0, row: 1 }],
  ["Home", { column: -Infinity, row: 0 }],
  ["End", { column: Infinity, row: 0 }],
]);

/** The cell a key leads to, by `KeyboardEvent.key`, never past the edge; `null` for keys that lead nowhere. */
export function moveCell(grid: Size, from: Cell, key: string): Cell | null {
  const step = STEPS.get(key);
  return step ? clampCell(grid, { column: from.column + step.column, row: from.row + step.row }) : null;
}

/** The cell nearest to the middle of the map, where the keyboard starts. */
export const middleCell = (grid: Size): Cell => ({
  column: Math.floor((grid.width - 1) / 2),
  row: Math.floor((grid.height - 1) / 2),
});
