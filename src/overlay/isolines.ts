import type { Size } from "../../worker/contract/geometry.ts";

/** The sides of a square between four samples: a (top left), b (top right), c (bottom right), d (bottom left). */
const TOP = 0; // a – b
const RIGHT = 1; // b – c
const BOTTOM = 2; // d – c
const LEFT = 3; // a – d

type Side = typeof TOP | typeof RIGHT | typeof BOTTOM | typeof LEFT;

/** Which sides a line joins, by which corners are above the level: a 1, b 2, c 4, d 8. Saddles are looked at apart. */
const LINES: readonly (readonly Side[])[] = [
  [],
  [LEFT, TOP],
  [TOP, RIGHT],
  [LEFT, RIGHT],
  [RIGHT, BOTTOM],
  [],
  [TOP, BOTTOM],
  [LEFT, BOTTOM],
  [BOTTOM, LEFT],
  [TOP, BOTTOM],
  [],
  [RIGHT, BOTTOM],
  [LEFT, RIGHT],
  [TOP, RIGHT],
  [LEFT, TOP],
  [],
];

const AROUND_A_AND_C: readonly Side[] = [LEFT, TOP, RIGHT, BOTTOM];
const AROUND_B_AND_D: readonly Side[] = [TOP, RIGHT, BOTTOM, LEFT];

/**
 * Lines along which a field `[height, width]` crosses a level, by marching squares: `[x0, y0, x1, y1]` after each other,
 * in samples, where (0.5, 0.5) is the first sample's place. Neighbouring pieces share their end exactly. A saddle is
 * joined as the mean of its four corners says.
 */
export function isolines(field: Float32Array, { width, height }: Size, level: number): number[] {
  const lines: number[] = [];
  const cross = (from: number, to: number): number => (level - from) / (to - from); // 0…1 from the one to the other
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const at = y * width + x;
      const [a, b, d, c] = [field[at]!, field[at + 1]!, field[at + width]!, field[at + width + 1]!];
      for (const side of sidesJoined(a, b, c, d, level)) {
        if (side === TOP) lines.push(x + 0.5 + cross(a, b), y + 0.5);
        else if (side === RIGHT) lines.push(x + 1.5, y + 0.5 + cross(b, c));
        else if (side === BOTTOM) lines.push(x + 0.5 + cross(d, c), y + 1.5);
        else lines.push(x + 0.5, y + 0.5 + cross(a, d));
      }
    }
  }
  return lines;
}

function sidesJoined(a: number, b: number, c: number, d: number, level: number): readonly Side[] {
  const above = (a >= level ? 1 : 0) + (b >= level ? 2 : 0) + (c >= level ? 4 : 0) + (d >= level ? 8 : 0);
  if (above !== 5 && above !== 10) return LINES[above]!;
  const middleAbove = (a + b + c + d) / 4 >= level;
  return (above === 5) === middleAbove ? AROUND_B_AND_D : AROUND_A_AND_C;
}
