import { describe, expect, test } from "vitest";
import type { RgbImage } from "../../worker/contract/pixels.ts";
import { decodeInBrowser } from "../../worker/image/decode-browser.ts";
import { picturesIn } from "../worker/image/pictures-in.ts";
import expectedUrl from "../golden/pictures/expected.safetensors?url";

const urls = Object.fromEntries(
  Object.entries(
    import.meta.glob<string>("../golden/pictures/*.{jpg,png,webp,gif}", {
      query: "?url",
      import: "default",
      eager: true,
    }),
  ).map(([path, url]) => [path.split("/").at(-1)!, url]),
);

const bytesOf = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

const expected = picturesIn(await bytesOf(expectedUrl));
const png = await bytesOf(urls["colour.png"]!);
const damaged = png.slice().fill(0x55, 60, 120); // inside the compressed data

/** Compared as one number and one verdict: a failing picture should not print thousands of pixels. */
const expectPixels = (picture: RgbImage, wanted: RgbImage): void => {
  expect([picture.width, picture.height, picture.data.length]).toEqual([
    wanted.width,
    wanted.height,
    wanted.data.length,
  ]);
  expect(wanted.data.reduce((worst, value, i) => Math.max(worst, Math.abs(value - picture.data[i]!)), 0)).toBe(0);
};

/** Noise with every alpha, or none but 255, in more rows than one band holds. */
const largeRgba = (alpha: (i: number) => number): ImageData => {
  const image = new ImageData(2100, 2100);
  const pixels = image.data;
  for (let i = 0; i < pixels.length; i += 4) {
    pixels[i] = i >> 7;
    pixels[i + 1] = i >> 11;
    pixels[i + 2] = i >> 3;
    pixels[i + 3] = alpha(i);
  }
  return image;
};

const withoutAlpha = ({ width, height, data }: ImageData): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => data[Math.floor(i / 3) * 4 + (i % 3)]!),
});

describe("decodeInBrowser gives Pillow's pixels", () => {
  test("the reference files are all there", () =>
    expect(Object.keys(urls).sort()).toEqual([...expected.keys()].sort()));

  test.each(Object.keys(urls))("%s", async (name) => {
    const file = new Blob([await bytesOf(urls[name]!)]);
    expectPixels(await decodeInBrowser(file), expected.get(name)!);
  });
});

describe("decodeInBrowser takes", () => {
  test("a URL", async () => {
    expectPixels(await decodeInBrowser(new URL(urls["alpha.png"]!, location.href).href), expected.get("alpha.png")!);
  });

  test("a bitmap, which it closes", async () => {
    const bitmap = await createImageBitmap(new Blob([await bytesOf(urls["colour-444.jpg"]!)]));
    expectPixels(await decodeInBrowser(bitmap), expected.get("colour-444.jpg")!);
    expect(bitmap.width).toBe(0);
  });

  test("a large picture, in bands", async () => {
    const image = largeRgba(() => 255);
    expectPixels(await decodeInBrowser(await createImageBitmap(image)), withoutAlpha(image));
  });

  test("a large picture with transparency, in bands", async () => {
    const image = largeRgba((i) => (i >> 5) & 255);
    const bitmap = await createImageBitmap(image, { premultiplyAlpha: "none" });
    expectPixels(await decodeInBrowser(bitmap), withoutAlpha(image));
  });

  test("raw pixels, as they are", async () => {
    const raw: RgbImage = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
    expect(await decodeInBrowser(raw)).toBe(raw);
  });
});

describe("decodeInBrowser refuses", () => {
  test.each([
    ["an empty file", new Blob([]), "image-empty"],
    ["text", new Blob(["this is a letter, renamed to .jpg"]), "image-unknown-format"],
    ["a file cut short", new Blob([png.subarray(0, 700)]), "image-corrupt"],
    ["a file whose pixels are damaged", new Blob([damaged]), "image-corrupt"],
    ["too few raw pixels", { width: 2, height: 2, data: new Uint8Array(9) }, "image-unsupported-input"],
    ["a URL without a server", "http://127.0.0.1:9/photo.jpg", "source-network"],
  ])("%s", async (_, image, code) => {
    await expect(decodeInBrowser(image)).rejects.toMatchObject({ name: "VisionError", code });
  });

  test("a closed bitmap", async () => {
    const bitmap = await createImageBitmap(new ImageData(2, 2));
    bitmap.close();
    await expect(decodeInBrowser(bitmap)).rejects.toMatchObject({ code: "image-unsupported-input" });
  });

  test("to go on once cancelled, and closes the bitmap", async () => {
    const bitmap = await createImageBitmap(new ImageData(2, 2));
    const cancelled = AbortSignal.abort();
    await expect(decodeInBrowser(bitmap, cancelled)).rejects.toMatchObject({ name: "AbortError" });
    await expect(decodeInBrowser(urls["colour.png"]!, cancelled)).rejects.toMatchObject({ name: "AbortError" });
    expect(bitmap.width).toBe(0);
  });

  test("to wait for a fetch that is cancelled", async () => {
    const controller = new AbortController();
    const decoding = decodeInBrowser(new URL(urls["colour.png"]!, location.href).href, controller.signal);
    controller.abort();
    await expect(decoding).rejects.toMatchObject({ name: "AbortError" });
  });
});
