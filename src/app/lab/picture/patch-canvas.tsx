import type { VNode } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { toHeat, UNASKED } from "../../../../worker/contract/heat.ts";
import type { SeenCells } from "../../../../worker/contract/lab.ts";
import { drawCell, drawMap } from "../../../overlay/canvas/draw-map.ts";
import { cellRectangle } from "../../../overlay/cell-geometry.ts";
import { DEFAULT_OPTIONS } from "../../../overlay/overlay-options.ts";

export type PatchPicture = {
  readonly photo: HTMLCanvasElement | null;
  readonly cells: SeenCells;
  readonly values: Float32Array | null; // [cells]: a map over the photo; null: the lines between the cells alone
  readonly cell: number | null; // framed
};

type PatchCanvasProps = PatchPicture & {
  readonly label?: string; // of an image; without it, whatever is around tells
  readonly testId?: string;
};

const WIDTH = 640; // pixels: two for each of a column's
const DENSITY = 2;

/** A photo, a map over it or its patches, and one of them framed. */
export const PatchCanvas = ({ label, testId, ...picture }: PatchCanvasProps): VNode => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { photo, cells, values, cell } = picture;
  const { width, height } = cells.seen.source;
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (context) draw(context, { photo, cells, values, cell });
  }, [photo, cells, values, cell]);
  return (
    <canvas
      ref={canvas}
      class="patch-canvas"
      width={WIDTH}
      height={Math.max(1, Math.round((WIDTH * height) / width))}
      data-testid={testId}
      {...(label === undefined ? { "aria-hidden": true } : { role: "img", "aria-label": label })}
    />
  );
};

function draw(context: CanvasRenderingContext2D, { photo, cells, values, cell }: PatchPicture): void {
  const { width, height } = context.canvas;
  const place = { left: 0, top: 0, width, height };
  context.clearRect(0, 0, width, height);
  if (photo) context.drawImage(photo, 0, 0, width, height);
  const settings = { ...UNASKED, method: "raw" };
  const heat = toHeat({ grid: cells.grid, values: values ?? new Float32Array(0), settings }, cells.seen);
  if (values)
    drawMap(context, heat, { ...DEFAULT_OPTIONS, upsampling: "nearest", scale: { kind: "zero-max" } }, place, DENSITY);
  else drawLines(context, cells);
  const { width: columns } = cells.grid;
  if (cell !== null) {
    drawCell(context, heat, { column: cell % columns, row: Math.floor(cell / columns) }, place, DENSITY);
  }
}

/** Between the patches, light and dark so that they show on any ground. */
function drawLines(context: CanvasRenderingContext2D, cells: SeenCells): void {
  const { grid, seen } = cells;
  const factor = context.canvas.width / seen.source.width;
  for (let index = 0; index < grid.width * grid.height; index++) {
    const cell = { column: index % grid.width, row: Math.floor(index / grid.width) };
    const { left, top, width, height } = cellRectangle(cells, cell);
    context.lineWidth = 1;
    context.strokeStyle = "rgb(255 255 255 / 70%)";
    context.strokeRect(left * factor, top * factor, width * factor, height * factor);
    context.strokeStyle = "rgb(0 0 0 / 45%)";
    context.strokeRect(left * factor + 1, top * factor + 1, width * factor, height * factor);
  }
}
