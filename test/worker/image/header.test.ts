import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { VisionError } from "../../../worker/contract/errors.ts";
import { readImageHeader } from "../../../worker/image/header.ts";
import { readPictures } from "./golden-pictures.ts";

const folder = new URL("../../golden/pictures/", import.meta.url);
const names = readdirSync(folder).filter((name) => !name.endsWith(".safetensors"));
const read = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(name, folder)));
const expected = readPictures("pictures/expected.safetensors");

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === "string" ? Array.from(part, (c) => c.charCodeAt(0)) : part)),
  );

const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

const refusal = (code: string, message = ""): object =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as object;

describe("readImageHeader", () => {
  test.each(names)("%s: format, orientation, and the size Pillow sees", (name) => {
    const { format, width, height, orientation, complete } = readImageHeader(read(name));
    const upright = expected.get(name)!;
    expect(format).toBe(name.split(".")[1]!.replace("jpg", "jpeg"));
    expect(orientation).toBe(Number(/orientation-(\d)/.exec(name)?.[1] ?? 1));
    expect(orientation >= 5 ? [height, width] : [width, height]).toEqual([upright.width, upright.height]);
    expect(complete).toBe(true);
  });

  test("takes what follows the end of the picture", () => {
    for (const name of names) expect(readImageHeader(bytes([...read(name)], "garbage")).complete).toBe(true);
  });

  test("reads the size of an AVIF made of tiles as that of the whole", () => {
    const box = (type: string, ...parts: number[][]): number[] => {
      const body = parts.flat();
      return [...u32(8 + body.length), ...bytes(type), ...body];
    };
    const ispe = (width: number, height: number): number[] => box("ispe", u32(0), u32(width), u32(height));
    const properties = box("iprp", box("ipco", ispe(512, 512), ispe(1920, 1080), ispe(512, 512)));
    const file = Uint8Array.from([
      ...box("ftyp", [...bytes("mif1")], u32(0), [...bytes("avif")]),
      ...box("meta", u32(0), box("hdlr", u32(0)), properties),
      ...box("mdat", u32(1)),
    ]);
    expect(readImageHeader(file)).toMatchObject({ format: "avif", width: 1920, height: 1080, complete: true });
    expect(() => readImageHeader(file.subarray(0, -1))).toThrowError(refusal("image-corrupt", "truncated"));
  });
});

describe("readImageHeader refuses", () => {
  test("an empty file", () => expect(() => readImageHeader(new Uint8Array())).toThrowError(refusal("image-empty")));

  test.each([
    ["<!DOCTYPE html><title>404</title>", "HTML; check the address"],
    ["  \n<html>", "HTML"],
    ['<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"],
    ['{"error": "not found"}', "JSON"],
    ["version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"],
    ["Dear Sir or Madam", "text"],
    ["\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"],
    ["\0\0\0\x14ftypisom\0\0\0\0mp42", "video"],
    ["BM\x36\x10", "BMP"],
    ["II*\0", "TIFF"],
    ["\0\x01\x02\x03", "unknown data"],
  ])("%j as %s", (text, name) => {
    expect(() => readImageHeader(bytes(text))).toThrowError(refusal("image-unknown-format", name));
    expect(() => readImageHeader(bytes(text))).toThrowError(/jpeg, png, webp, gif, avif/);
  });

  test("a small file that claims a huge picture", () => {
    const webp = bytes("RIFF", [30, 0, 0, 0], "WEBPVP8X", [10, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0x3f, 0, 0xfe, 0x3f, 0]);
    expect(() => readImageHeader(webp)).toThrowError(refusal("image-too-large", "16383 × 16383"));
    const png = read("colour.png").fill(0, 16, 24);
    png.set([...u32(20_000), ...u32(20_000)], 16);
    expect(() => readImageHeader(png)).toThrowError(refusal("image-too-large", "20000 × 20000"));
    png.set([...u32(4_000_000_000), ...u32(1)], 16);
    expect(() => readImageHeader(png)).toThrowError(refusal("image-too-large", "4000000000 × 1"));
  });

  test("a picture without pixels", () => {
    const png = read("colour.png").fill(0, 16, 20);
    expect(() => readImageHeader(png)).toThrowError(refusal("image-corrupt", "0 × 21"));
  });

  test("a JPEG with more scans than anybody needs", () => {
    const jpeg = read("colour-444.jpg");
    const scan = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xda);
    const withScans = (count: number): Uint8Array => {
      const scans = Array.from({ length: count }, () => [...jpeg.subarray(scan, -2)]).flat();
      return Uint8Array.from([...jpeg.subarray(0, scan), ...scans, 0xff, 0xd9]);
    };
    expect(readImageHeader(withScans(100)).complete).toBe(true);
    expect(() => readImageHeader(withScans(101))).toThrowError(refusal("image-corrupt", "100 scans"));
  });

  test("every file cut anywhere before the end of its picture", () => {
    for (const name of names) {
      const whole = read(name);
      const shortest = name.endsWith(".gif") ? 1 : 0; // a GIF's trailer comes after its picture
      for (let length = 1; length < whole.length - shortest; length++) {
        expect(() => readImageHeader(whole.subarray(0, length)), `${name}, ${length}`).toThrowError(VisionError);
      }
    }
  });
});

describe("readImageHeader on hostile bytes parses or throws a VisionError", () => {
  const survives = (file: Uint8Array): void => {
    try {
      const { width, height } = readImageHeader(file);
      expect(width * height).toBeLessThanOrEqual(100e6);
      expect(Math.min(width, height)).toBeGreaterThanOrEqual(1);
    } catch (error) {
      expect(error).toBeInstanceOf(VisionError);
    }
  };

  test("anything, behind every signature", () => {
    const starts = [
      "",
      "\xff\xd8\xff",
      "\x89PNG\r\n\x1a\n",
      "RIFF    WEBPVP8X",
      "GIF89a",
      "\0\0\0\x14ftypavif\0\0\0\0avif",
    ];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 300 }), (start, rest) =>
        survives(bytes(start, [...rest])),
      ),
      { numRuns: 2000 },
    );
  });

  test("real files with changed bytes and a changed length", () => {
    const change = fc.record({ at: fc.nat(600), value: fc.integer({ min: 0, max: 255 }) });
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.array(change, { minLength: 1, maxLength: 8 }),
        fc.nat(2000),
        (name, changes, length) => {
          const file = read(name);
          for (const { at, value } of changes) file[at] = value;
          survives(file.subarray(0, length));
        },
      ),
      { numRuns: 2000 },
    );
  });
});
