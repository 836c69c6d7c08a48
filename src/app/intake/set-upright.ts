import { readImageHeader } from "../../../worker/image/header.ts";

/** By EXIF orientation: where a stored pixel (x, y) goes, as a canvas has it; `w` and `h` are the stored picture's. */
const TURNS: Readonly<Record<number, (w: number, h: number) => DOMMatrix2DInit>> = {
  2: (w) => ({ a: -1, b: 0, c: 0, d: 1, e: w, f: 0 }),
  3: (w, h) => ({ a: -1, b: 0, c: 0, d: -1, e: w, f: h }),
  4: (_, h) => ({ a: 1, b: 0, c: 0, d: -1, e: 0, f: h }),
  5: () => ({ a: 0, b: 1, c: 1, d: 0, e: 0, f: 0 }),
  6: (_, h) => ({ a: 0, b: 1, c: -1, d: 0, e: h, f: 0 }),
  7: (w, h) => ({ a: 0, b: -1, c: -1, d: 0, e: h, f: w }),
  8: (w) => ({ a: 0, b: -1, c: 1, d: 0, e: 0, f: w }),
};

/** A drawn picture as the model sees it: browsers turn all kinds by their EXIF orientation but WebP. */
export const setUpright = async (canvas: HTMLCanvasElement, picture: Blob): Promise<HTMLCanvasElement> => {
  const orientation = await orientationOfWebp(picture);
  const turn = TURNS[orientation];
  if (!turn) return canvas;
  const { width, height } = canvas;
  const upright = document.createElement("canvas");
  [upright.width, upright.height] = orientation > 4 ? [height, width] : [width, height];
  const context = upright.getContext("2d");
  context?.setTransform(turn(width, height));
  context?.drawImage(canvas, 0, 0);
  return upright;
};

/** 1 for pictures of other kinds, and for those whose header cannot be read. */
const orientationOfWebp = async (picture: Blob): Promise<number> => {
  if (picture.type !== "" && picture.type !== "image/webp") return 1;
  try {
    const { format, orientation } = readImageHeader(new Uint8Array(await picture.arrayBuffer()));
    return format === "webp" ? orientation : 1;
  } catch {
    return 1;
  }
};
