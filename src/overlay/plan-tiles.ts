import type { Rectangle, Size } from "../../worker/contract/geometry.ts";

/** Tiles in rows, as large as the box allows, or one row of them. */
export type TileLayout = "grid" | "strip";

export type TilePlan = {
  readonly columns: number;
  readonly rows: number;
  readonly tiles: readonly Rectangle[]; // picture and label under it, without the gap around
};

/** Where `count` tiles lie in a box, each a picture of the given shape with a label of the given height under it. */
export function planTiles(
  count: number,
  layout: TileLayout,
  box: Size,
  shape: Size,
  label: number,
  gap: number,
): TilePlan {
  const columns = layout === "strip" ? Math.max(count, 1) : bestColumns(count, box, shape, label, gap);
  const rows = Math.max(Math.ceil(count / columns), 1);
  const width = pictureWidth(columns, rows, box, shape, label, gap);
  const height = (width * shape.height) / shape.width + label;
  const tiles = Array.from({ length: count }, (_, i) => ({
    left: (i % columns) * (width + gap),
    top: Math.floor(i / columns) * (height + gap),
    width,
    height,
  }));
  return { columns, rows, tiles };
}

/** Width ÷ height of a canvas that holds the tiles without much left over: as many columns as rows, or one row. */
export function tilesAspect(count: number, layout: TileLayout, shape: Size): number {
  const columns = layout === "strip" ? Math.max(count, 1) : Math.max(Math.ceil(Math.sqrt(count)), 1);
  const rows = Math.max(Math.ceil(count / columns), 1);
  return (columns * shape.width) / (rows * shape.height);
}

function bestColumns(count: number, box: Size, shape: Size, label: number, gap: number): number {
  let best = 1;
  let widest = 0;
  for (let columns = 1; columns <= count; columns++) {
    const width = pictureWidth(columns, Math.ceil(count / columns), box, shape, label, gap);
    if (width > widest) [best, widest] = [columns, width];
  }
  return best;
}

function pictureWidth(columns: number, rows: number, box: Size, shape: Size, label: number, gap: number): number {
  const across = (box.width - gap * (columns - 1)) / columns;
  const down = (box.height - gap * (rows - 1)) / rows - label;
  return Math.max(Math.min(across, (down * shape.width) / shape.height), 1);
}
