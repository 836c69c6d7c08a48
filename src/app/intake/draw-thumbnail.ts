import { drawPicture, scaleToSide } from "./draw-picture.ts";

/** Longest side of a thumbnail: sharp on a phone's screen, and 1 MB as pixels at most. */
const LONGEST_SIDE = 640; // pixels

/** A small upright copy, opaque as the model sees it, or null where the browser cannot show the picture. Never keeps the full-size pixels. */
export const drawThumbnail = async (picture: Blob): Promise<Blob | null> => {
  const canvas = await drawPicture(picture, scaleToSide(LONGEST_SIDE));
  return canvas && new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
};
