import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

const SHAPES: Readonly<Record<string, (colour: string, at: number) => string>> = {
  bar: (colour, at) => `<rect x="${2 + (at % 6)}" y="${10 + (at % 8)}" width="24" height="6" fill="${colour}"/>`,
  cross: (colour, at) => `<path d="M4 4 L28 28 M28 4 L4 28" stroke="${colour}" stroke-width="${3 + (at % 3)}"/>`,
  disc: (colour, at) => `<circle cx="${16 + (at % 5)}" cy="${14 + (at % 7)}" r="${6 + (at % 4)}" fill="${colour}"/>`,
};

const COLOURS = { bar: "red", cross: "lime", disc: "blue" } as const;

/** Writes `dir/<class>/<number>.png`, so many of each of three shapes in three colours, 36 × 32 pixels. */
export async function drawShapes(
  dir: string,
  count: number,
  names = { ...{ bar: "bar", cross: "cross", disc: "disc" } },
): Promise<void> {
  for (const [shape, draw] of Object.entries(SHAPES)) {
    const folder = join(dir, names[shape as keyof typeof names]);
    await mkdir(folder, { recursive: true });
    for (let at = 0; at < count; at++) {
      const ground = `<rect width="36" height="32" fill="hsl(${at * 67}, 20%, ${15 + (at % 5) * 10}%)"/>`;
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="36" height="32">${ground}${draw(COLOURS[shape as keyof typeof COLOURS], at)}</svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(folder, `${at}.png`));
    }
  }
}
