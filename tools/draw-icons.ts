/** `tsx tools/draw-icons.ts` draws the installed app's icons from public/favicon.svg: not every system takes an SVG. */
import { join } from "node:path";
import sharp from "sharp";
import { repositoryRoot } from "./repository-root.ts";

const FOLDER = join(repositoryRoot, "public");
const GROUND = "#1f2a6b"; // of the drawing
const [SIDE, DENSITY] = [32, 72]; // pixels, dots per inch: what the drawing is made for

/** `drawn`: pixels of the drawing. A mask leaves a circle of 80 %, and the squares' corners lie at 88 %. */
const ICONS = [
  { name: "icon-192.png", side: 192, drawn: 192 },
  { name: "icon-512.png", side: 512, drawn: 512 },
  { name: "icon-maskable-512.png", side: 512, drawn: 464 },
] as const;

for (const { name, side, drawn } of ICONS) {
  const edge = (side - drawn) / 2;
  const drawing = sharp(join(FOLDER, "favicon.svg"), { density: (DENSITY * drawn) / SIDE });
  const edges = { top: edge, bottom: edge, left: edge, right: edge, background: GROUND };
  const icon = edge === 0 ? drawing : drawing.extend(edges).flatten({ background: GROUND });
  await icon.png({ palette: true }).toFile(join(FOLDER, name));
}
