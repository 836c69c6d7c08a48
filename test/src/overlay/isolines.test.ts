import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isolines } from "../../../src/overlay/isolines.ts";

const fieldOf = (width: number, height: number, value: (x: number, y: number) => number): Float32Array =>
  Float32Array.from({ length: width * height }, (_, i) => value((i % width) + 0.5, Math.floor(i / width) + 0.5));

type Segment = readonly [number, number, number, number];

const segmentsOf = (lines: readonly number[]): Segment[] =>
  Array.from({ length: lines.length / 4 }, (_, i) => lines.slice(i * 4, i * 4 + 4) as unknown as Segment);

describe("isolines", () => {
  test("of a ramp are one straight line where it has the level", () => {
    const field = fieldOf(6, 4, (x, y) => 2 * x + y);
    const segments = segmentsOf(isolines(field, { width: 6, height: 4 }, 7.25));
    for (const [x0, y0, x1, y1] of segments) {
      expect(2 * x0 + y0).toBeCloseTo(7.25, 5);
      expect(2 * x1 + y1).toBeCloseTo(7.25, 5);
    }
    const ys = segments.flatMap(([, y0, , y1]) => [y0, y1]);
    expect([Math.min(...ys), Math.max(...ys)]).toEqual([0.5, 3.5]);
  });

  test("of a cone are a closed circle of its radius", () => {
    const size = { width: 41, height: 41 };
    const field = fieldOf(41, 41, (x, y) => Math.hypot(x - 20.5, y - 20.5));
    const segments = segmentsOf(isolines(field, size, 13.3));
    const length = segments.reduce((sum, [x0, y0, x1, y1]) => sum + Math.hypot(x1 - x0, y1 - y0), 0);
    expect(length / (2 * Math.PI * 13.3)).toBeCloseTo(1, 2);
    for (const [x, y] of segments) expect(Math.hypot(x - 20.5, y - 20.5)).toBeCloseTo(13.3, 1);
  });

  test("part a saddle as the mean of its corners says", () => {
    const saddle = Float32Array.of(1, 0, 0, 1); // a and c above
    const square = { width: 2, height: 2 };
    const cornersCut = (level: number) =>
      segmentsOf(isolines(saddle, square, level)).map(([x0, y0, x1, y1]) => [(x0 + x1) / 2 < 1, (y0 + y1) / 2 < 1]);
    expect(cornersCut(0.4)).toEqual([
      [false, true],
      [true, false],
    ]); // top right and bottom left: the low ones
    expect(cornersCut(0.6)).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test("never end inside, part above from below, and lie on the level", () => {
    const levels = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 35, maxLength: 35 });
    fc.assert(
      fc.property(levels, (numbers) => {
        const [width, height, level] = [7, 5, 4.5];
        const field = Float32Array.from(numbers);
        const ends = new Map<string, number>();
        for (const [x0, y0, x1, y1] of segmentsOf(isolines(field, { width, height }, level))) {
          for (const end of [`${x0} ${y0}`, `${x1} ${y1}`]) ends.set(end, (ends.get(end) ?? 0) + 1);
        }
        const wanted = new Map<string, number>();
        const meet = (i: number, j: number, x: number, y: number, right: number, down: number, onRim: boolean) => {
          const [from, to] = [field[i]!, field[j]!];
          if (from >= level === to >= level) return;
          const part = (level - from) / (to - from);
          wanted.set(`${x + part * right} ${y + part * down}`, onRim ? 1 : 2);
        };
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const at = y * width + x;
            if (x + 1 < width) meet(at, at + 1, x + 0.5, y + 0.5, 1, 0, y === 0 || y === height - 1);
            if (y + 1 < height) meet(at, at + width, x + 0.5, y + 0.5, 0, 1, x === 0 || x === width - 1);
          }
        }
        expect(ends).toEqual(wanted);
      }),
    );
  });
});
