import { describe, expect, test } from "vitest";
import { readExifOrientation } from "../../../worker/image/headers/exif.ts";

const MOTOROLA = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8];
const INTEL = [0x49, 0x49, 42, 0, 8, 0, 0, 0];
const entry = (tag: number, type: number, value: number): number[] => [
  tag >> 8,
  tag & 255,
  0,
  type,
  0,
  0,
  0,
  1,
  0,
  value,
  0,
  0,
];

describe("readExifOrientation", () => {
  test("reads both byte orders, past other tags", () => {
    const big = [...MOTOROLA, 0, 2, ...entry(0x0110, 3, 7), ...entry(0x0112, 3, 6)];
    const little = [...INTEL, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 8, 0, 0, 0];
    expect(readExifOrientation(Uint8Array.from(big))).toBe(6);
    expect(readExifOrientation(Uint8Array.from(little))).toBe(8);
  });

  test("reads one of 32 bits, as some writers have it", () => {
    const big = [...MOTOROLA, 0, 1, 0x01, 0x12, 0, 4, 0, 0, 0, 1, 0, 0, 0, 6];
    const little = [...INTEL, 1, 0, 0x12, 0x01, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0];
    expect(readExifOrientation(Uint8Array.from(big))).toBe(6);
    expect(readExifOrientation(Uint8Array.from(little))).toBe(8);
  });

  test.each([
    ["nothing", []],
    ["another byte order", [0x4a, 0x4a, 42, 0, 8, 0, 0, 0]],
    ["a directory past the end", [...MOTOROLA.slice(0, 4), 0xff, 0xff, 0xff, 0xff]],
    ["more entries than bytes", [...MOTOROLA, 0xff, 0xff, ...entry(0x0110, 3, 7)]],
    ["no such tag", [...MOTOROLA, 0, 1, ...entry(0x0110, 3, 6)]],
    ["another type", [...MOTOROLA, 0, 1, ...entry(0x0112, 2, 6)]],
    ["orientation 0", [...MOTOROLA, 0, 1, ...entry(0x0112, 3, 0)]],
    ["orientation 9", [...MOTOROLA, 0, 1, ...entry(0x0112, 3, 9)]],
  ])("takes %s as upright", (_, bytes) => {
    expect(readExifOrientation(Uint8Array.from(bytes))).toBe(1);
  });
});
