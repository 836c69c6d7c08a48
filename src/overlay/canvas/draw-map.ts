import type { Heat } from "../../../worker/contract/heat.ts";
import type { Rectangle, Size } from "../../../worker/contract/geometry.ts";
import { cellRectangle, seenRectangle, type Cell } from "../cell-geometry.ts";
import { cssColour } from "../colour-map.ts";
import { rectangleInBox } from "../fit-photo.ts";
import { isolines } from "../isolines.ts";
import { rangeOf } from "../map-range.ts";
import { massMask } from "../mass-mask.ts";
import type { OverlayOptions } from "../overlay-options.ts";
import { paintMap, paintVeil } from "../paint-map.ts";
import { upsample } from "../upsample.ts";
import { createCanvas } from "./photo-source.ts";

/** Longest side, in samples, that a map is upsampled to here; the canvas stretches the rest of the way. */
const FINEST = 256;

const FINEST_CONTOURS = 128; // their lines are straight between samples: half as many show no corners

const UNSEEN_VEIL = 0.45; // opacity of the black over what the model did not see

const LINE = 2; // CSS pixels

/** Draws a map, in its style, over a photo that lies at `place`; at opacity 0 nothing. `density`: device pixels in a CSS pixel. */
export function drawMap(
  context: CanvasRenderingContext2D,
  heat: Heat,
  options: OverlayOptions,
  place: Rectangle,
  density: number,
): void {
  if (options.opacity === 0) return;
  const area = rectangleInBox(place, heat.seen.source, seenRectangle(heat.seen));
  context.save();
  clipTo(context, place);
  veilOutside(context, place, area, options.style === "mask" ? options.opacity : UNSEEN_VEIL);
  if (options.style === "colours") drawColours(context, heat, options, area);
  else if (options.style === "mask") drawMask(context, heat, options, area);
  else drawContours(context, heat, options, area, density);
  context.restore();
}

/** Frames one cell, in black and white, so that it shows on any ground. */
export function drawCell(
  context: CanvasRenderingContext2D,
  heat: Heat,
  cell: Cell,
  place: Rectangle,
  density: number,
): void {
  const { left, top, width, height } = rectangleInBox(place, heat.seen.source, cellRectangle(heat, cell));
  for (const [colour, thickness] of [
    ["black", 2 * LINE],
    ["white", LINE],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = thickness * density;
    context.strokeRect(left, top, width, height);
  }
}

export function clipTo(context: CanvasRenderingContext2D, { left, top, width, height }: Rectangle): void {
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
}

function veilOutside(context: CanvasRenderingContext2D, place: Rectangle, area: Rectangle, opacity: number): void {
  context.beginPath();
  context.rect(place.left, place.top, place.width, place.height);
  context.rect(area.left, area.top, area.width, area.height);
  context.fillStyle = `rgb(0 0 0 / ${opacity})`;
  context.fill("evenodd"); // of what one rectangle has and the other has not, the clip leaves the photo's share
}

function drawColours(context: CanvasRenderingContext2D, heat: Heat, options: OverlayOptions, area: Rectangle): void {
  const smooth = options.upsampling === "bilinear";
  const size = smooth ? sampleSize(heat.grid, area, FINEST) : heat.grid;
  const field = smooth ? upsample(heat.values, heat.grid, size, "bilinear") : heat.values;
  const pixels = paintMap(field, rangeOf(heat.values, options.scale), options.colours, options.opacity);
  stretch(context, pixels, size, area, smooth);
}

function drawMask(context: CanvasRenderingContext2D, heat: Heat, { mass, opacity }: OverlayOptions, area: Rectangle) {
  stretch(context, paintVeil(massMask(heat.values, mass), opacity), heat.grid, area, false);
}

function drawContours(
  context: CanvasRenderingContext2D,
  heat: Heat,
  { levels, scale, colours }: OverlayOptions,
  area: Rectangle,
  density: number,
): void {
  const size = sampleSize(heat.grid, area, FINEST_CONTOURS);
  const field = upsample(heat.values, heat.grid, size, "bilinear");
  const { min, max } = rangeOf(heat.values, scale);
  for (const level of levels) {
    const path = pathOf(isolines(field, size, min + level * (max - min)), size, area);
    for (const [colour, thickness] of [
      ["rgb(0 0 0 / 0.6)", 2 * LINE],
      [cssColour(colours, level), LINE],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = thickness * density;
      context.stroke(path);
    }
  }
}

function pathOf(lines: readonly number[], size: Size, area: Rectangle): Path2D {
  const path = new Path2D();
  const x = (sample: number): number => area.left + (sample / size.width) * area.width;
  const y = (sample: number): number => area.top + (sample / size.height) * area.height;
  for (let i = 0; i < lines.length; i += 4) {
    path.moveTo(x(lines[i]!), y(lines[i + 1]!));
    path.lineTo(x(lines[i + 2]!), y(lines[i + 3]!));
  }
  return path;
}

/** Enough samples for the area on the screen, never fewer than cells. */
function sampleSize(grid: Size, area: Rectangle, finest: number): Size {
  const scale = Math.min(1, finest / Math.max(area.width, area.height));
  return {
    width: Math.max(Math.round(area.width * scale), grid.width),
    height: Math.max(Math.round(area.height * scale), grid.height),
  };
}

function stretch(
  context: CanvasRenderingContext2D,
  pixels: Uint8ClampedArray<ArrayBuffer>,
  size: Size,
  { left, top, width, height }: Rectangle,
  smooth: boolean,
): void {
  const [raster, rasterContext] = createCanvas(size);
  rasterContext.putImageData(new ImageData(pixels, size.width, size.height), 0, 0);
  context.imageSmoothingEnabled = smooth;
  context.drawImage(raster, left, top, width, height);
  context.imageSmoothingEnabled = true;
}
