import type { RgbImage } from "../../worker/contract/pixels.ts";

const { fround, trunc } = Math;

/**
 * torchvision's `adjust_hue` of a PIL picture, byte for byte: to Pillow's HSV, whose hue is a byte, around by `turns`
 * (−0.5 … 0.5), and back. The way there and back loses a little: 0 turns are not the identity.
 */
export function adjustHue({ width, height, data }: RgbImage, turns: number): RgbImage {
  const shift = trunc(turns * 255) & 255;
  const adjusted = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const value = Math.max(data[i]!, data[i + 1]!, data[i + 2]!);
    const span = value - Math.min(data[i]!, data[i + 1]!, data[i + 2]!);
    const saturation = span === 0 ? 0 : trunc(fround(span / value) * 255);
    if (saturation === 0) {
      adjusted.fill(value, i, i + 3);
    } else {
      const hue = hueByte(data[i]!, data[i + 1]!, data[i + 2]!, value, span);
      writeRgb(adjusted, i, (hue + shift) & 255, saturation, value);
    }
  }
  return { width, height, data: adjusted };
}

/** 0 … 255 once around the circle. Pillow's `rgb2hsv`, which rounds to float32 where its C does. */
function hueByte(r: number, g: number, b: number, value: number, span: number): number {
  const red = fround((value - r) / span);
  const green = fround((value - g) / span);
  const blue = fround((value - b) / span);
  const sixths = fround(r === value ? blue - green : g === value ? 2 + red - blue : 4 + green - red);
  const turns = sixths / 6 + 1; // 5/6 … 11/6
  return trunc(fround(turns >= 1 ? turns - 1 : turns) * 255);
}

/** Pillow's `hsv2rgb`, in float32 where its C is. */
function writeRgb(into: Uint8Array, at: number, hue: number, saturation: number, value: number): void {
  const sixths = (hue * 6) / 255;
  const sector = Math.floor(sixths); // 6 for a hue of 255, which is 0 again
  const behind = fround(sixths - sector);
  const share = fround(saturation / 255);
  const low = Math.round(value * (1 - share));
  const falling = Math.round(value * (1 - fround(share * behind)));
  const rising = Math.round(value * (1 - share * (1 - behind)));
  const even = sector % 2 === 0;
  const third = (sector % 6) >> 1; // the channel that leads: red, green, blue
  if (even) {
    into[at + third] = value;
    into[at + ((third + 1) % 3)] = rising;
    into[at + ((third + 2) % 3)] = low;
  } else {
    into[at + third] = falling;
    into[at + ((third + 1) % 3)] = value;
    into[at + ((third + 2) % 3)] = low;
  }
}
