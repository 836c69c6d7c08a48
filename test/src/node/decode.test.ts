import { readFileSync } from "node:fs";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeWithSharp } from "../../../src/node/decode.ts";
import { readPictures } from "../../worker/image/golden-pictures.ts";

const expected = readPictures("pictures/expected.safetensors");
const read = (name: string): Uint8Array => readFileSync(new URL(`../../golden/pictures/${name}`, import.meta.url));

const refusal = (code: string, message = ""): object =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string }) as object;

describe("decodeWithSharp gives Pillow's pixels", () => {
  test("the reference files are all there", () => expect(expected.size).toBeGreaterThan(30));

  test.each([...expected.keys()])("%s", async (name) => {
    const picture = await decodeWithSharp(read(name));
    const wanted = expected.get(name)!;
    expect([picture.width, picture.height]).toEqual([wanted.width, wanted.height]);
    expect(picture.data).toEqual(wanted.data);
  });
});

describe("decodeWithSharp", () => {
  test("reads AVIF", async () => {
    const red = { r: 250, g: 10, b: 20 };
    const file = await sharp({ create: { width: 40, height: 24, channels: 3, background: red } })
      .avif({ quality: 90 })
      .toBuffer();
    const { width, height, data } = await decodeWithSharp(file);
    expect([width, height]).toEqual([40, 24]);
    expect(Math.max(...data.map((value, i) => Math.abs(value - [250, 10, 20][i % 3]!)))).toBeLessThanOrEqual(3); // lossy
  });

  test("takes the first frame of an animation", async () => {
    const frames = new Uint8Array(8 * 16 * 3).fill(255, 8 * 8 * 3); // black, then white
    const animation = sharp(frames, { raw: { width: 8, height: 16, channels: 3, pageHeight: 8 } });
    const { width, height, data } = await decodeWithSharp(await animation.webp({ lossless: true }).toBuffer());
    expect([width, height]).toEqual([8, 8]);
    expect(new Set(data)).toEqual(new Set([0]));
  });

  test("refuses what is no picture, with a code", async () => {
    const text = new TextEncoder().encode("this is a letter, renamed to .jpg");
    await expect(decodeWithSharp(new Uint8Array())).rejects.toEqual(refusal("image-empty"));
    await expect(decodeWithSharp(text)).rejects.toEqual(refusal("image-unknown-format", "looks like text"));
  });

  test.each(["colour-444.jpg", "progressive.jpg", "colour.png", "lossless.webp", "palette.gif"])(
    "refuses %s cut short",
    async (name) => {
      const bytes = read(name);
      const cut = bytes.subarray(0, Math.floor(bytes.length * 0.7));
      await expect(decodeWithSharp(cut)).rejects.toEqual(refusal("image-corrupt", "truncated"));
    },
  );

  test("refuses a file whose pixels are damaged", async () => {
    const bytes = Uint8Array.from(read("colour.png"));
    bytes.fill(0x55, 60, 120); // inside the compressed data
    await expect(decodeWithSharp(bytes)).rejects.toEqual(refusal("image-corrupt"));
  });
});
