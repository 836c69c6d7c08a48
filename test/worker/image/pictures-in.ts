import type { RgbImage } from "../../../worker/contract/pixels.ts";
import { readSafetensors } from "../../../worker/checkpoint/safetensors.ts";

/** Every `[height, width, 3]` uint8 tensor of a safetensors file, by name. */
export function picturesIn(file: Uint8Array<ArrayBuffer>): Map<string, RgbImage> {
  const pictures = new Map<string, RgbImage>();
  for (const [name, { shape, bytes }] of readSafetensors(file)) {
    const [height, width] = shape;
    if (height === undefined || width === undefined) throw new Error(`${name}: wanted a picture`);
    pictures.set(name, { height, width, data: bytes.slice() });
  }
  return pictures;
}
