import { expect, test } from "vitest";
import { drawPicture } from "../../src/app/intake/draw-picture.ts";
import { decodeInBrowser } from "../../worker/image/decode-browser.ts";
import { readImageHeader } from "../../worker/image/header.ts";
import jpegUrl from "../golden/pictures/orientation-6.jpg?url";
import webpUrl from "../golden/pictures/orientation-5.webp?url";

const read = async (url: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await fetch(url)).arrayBuffer());

/** An EXIF entry in the file's byte order: the tag, a 16-bit number, one of them, then its value. */
const ENTRIES = { little: [0x12, 1, 3, 0, 1, 0, 0, 0], big: [1, 0x12, 0, 3, 0, 0, 0, 1] };

function withOrientation(file: Uint8Array<ArrayBuffer>, orientation: number): Uint8Array<ArrayBuffer> {
  const changed = file.slice();
  for (const [order, entry] of Object.entries(ENTRIES)) {
    const at = changed.findIndex((_, start) => entry.every((byte, i) => changed[start + i] === byte));
    if (at >= 0) changed[at + entry.length + (order === "big" ? 1 : 0)] = orientation;
  }
  return changed;
}

async function expectAsSeen(file: Uint8Array<ArrayBuffer>, type: string): Promise<void> {
  const seen = await decodeInBrowser(new Blob([file], { type: type || "image/webp" }));
  const canvas = (await drawPicture(new Blob([file], { type }), () => 1))!;
  expect([canvas.width, canvas.height]).toEqual([seen.width, seen.height]);
  const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
  const worst = seen.data.reduce(
    (most, value, i) => Math.max(most, Math.abs(value - data[Math.floor(i / 3) * 4 + (i % 3)]!)),
    0,
  );
  expect(worst).toBeLessThanOrEqual(2); // levels: a canvas converts colours in its own way
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])("a WebP of orientation %i is drawn as the model sees it", async (orientation) => {
  const file = withOrientation(await read(webpUrl), orientation);
  expect(readImageHeader(file).orientation).toBe(orientation);
  await expectAsSeen(file, "image/webp");
  await expectAsSeen(file, ""); // as some systems give it
});

test("what the browser turns is not turned again", async () => {
  await expectAsSeen(await read(jpegUrl), "image/jpeg");
});
