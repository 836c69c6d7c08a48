import { drawPicture, scaleToSide } from "./draw-picture.ts";

/** An upright copy of so many pixels a side at most, opaque as the model sees it, or null where the browser cannot show the picture. Never keeps the full-size pixels. */
export const drawThumbnail = async (picture: Blob, longestSide: number): Promise<Blob | null> => {
  const canvas = await drawPicture(picture, scaleToSide(longestSide));
  return canvas && new Promise((resolve) => canvas.toBlob(resolve, "image/webp", 0.85));
};
