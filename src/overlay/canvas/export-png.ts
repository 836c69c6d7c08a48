import { VisionError } from "../../../worker/contract/errors.ts";
import type { Size } from "../../../worker/contract/geometry.ts";
import { cssColour } from "../colour-map.ts";
import { describeHeat } from "../describe-heat.ts";
import type { Provenance } from "../export/heat-json.ts";
import { legendOf, type Legend } from "../legend.ts";
import { planScene } from "../plan-scene.ts";
import { drawScene, type Scene } from "./draw-scene.ts";
import { createCanvas } from "./photo-source.ts";

const MOST_PIXELS = 12_000_000; // of the picture: a canvas holds 16.7 million on iOS, and the foot needs some
const LEAST_WIDTH = 480; // pixels: room for the legend's numbers
const LONGEST_SIDE = 16_384; // pixels, to which a narrow photo is enlarged at most: browsers make no canvas of twice that
const FOOT = { margin: 12, bar: 12, text: 13, line: 19, font: "system-ui, sans-serif" } as const; // pixels at LEAST_WIDTH

/** The scene at the photo's own size; below it the legend and one line on what made it. The query's frame is drawn too. */
export async function exportPng(scene: Scene, { model, file }: Provenance): Promise<Blob> {
  const picture = pictureSize(scene);
  const unit = Math.max(picture.width / (2 * LEAST_WIDTH), 1); // larger writing on larger pictures
  const said = [file, model, scene.heat ? describeHeat(scene.heat) : null, "patchlight"];
  const words = said.filter((part) => part != null).join(" · ");
  const lines = wrap(words, picture.width / unit - 2 * FOOT.margin);
  const legend = scene.heat && scene.options.style !== "mask" ? legendOf(scene.heat, scene.options) : null;
  const legendHeight = legend ? FOOT.bar + FOOT.line + FOOT.margin : 0;
  const foot = Math.ceil((FOOT.margin * 1.5 + legendHeight + lines.length * FOOT.line) * unit);
  const [canvas, context] = createCanvas({ width: picture.width, height: picture.height + foot });
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  drawScene(context, scene, planScene(picture, scene.photo.size, "fill", scene.options.beside), unit);
  context.setTransform(unit, 0, 0, unit, 0, picture.height);
  if (legend) drawLegend(context, legend, picture.width / unit);
  drawWords(context, lines, FOOT.margin + legendHeight);
  return encode(canvas);
}

function pictureSize({ photo, options }: Scene): Size {
  const width = photo.size.width * (options.beside ? 2 : 1);
  const { height } = photo.size;
  const enlarged = Math.max(1, Math.min(LEAST_WIDTH / width, LONGEST_SIDE / height));
  const scale = Math.min(enlarged, Math.sqrt(MOST_PIXELS / (width * height)));
  return { width: Math.max(Math.round(width * scale), 1), height: Math.max(Math.round(height * scale), 1) };
}

function drawLegend(context: CanvasRenderingContext2D, { colours, ticks }: Legend, width: number): void {
  const length = width - 2 * FOOT.margin;
  for (let x = 0; x < length; x++) {
    context.fillStyle = cssColour(colours, (x + 0.5) / length);
    context.fillRect(FOOT.margin + x, FOOT.margin, Math.min(1.5, length - x), FOOT.bar); // overlapping: no seams
  }
  writeIn(context);
  for (const { unit, text } of ticks) {
    context.textAlign = unit === 0 ? "left" : unit === 1 ? "right" : "center";
    context.fillText(text, FOOT.margin + unit * length, FOOT.margin + FOOT.bar + FOOT.text + 2);
  }
}

function drawWords(context: CanvasRenderingContext2D, lines: readonly string[], top: number): void {
  writeIn(context);
  context.textAlign = "left";
  lines.forEach((line, i) => context.fillText(line, FOOT.margin, top + FOOT.text + i * FOOT.line));
}

function writeIn(context: CanvasRenderingContext2D): void {
  context.font = `${FOOT.text}px ${FOOT.font}`;
  context.fillStyle = "#181b21";
}

/** Breaks between words; a word wider than the line stands alone. */
function wrap(text: string, width: number): string[] {
  const [, context] = createCanvas({ width: 1, height: 1 });
  writeIn(context);
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)!} ${word}`.trim();
    if (lines.at(-1) === "" || context.measureText(longer).width <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function encode(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    const { width, height } = canvas;
    const refused = (): VisionError =>
      new VisionError("out-of-memory", `PNG: the browser gave no picture of ${width} × ${height} pixels`);
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(refused())), "image/png"); // throws for a foreign photo
  });
}
