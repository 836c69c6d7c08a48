import { VisionError } from "../contract/errors.ts";
import type { ImageRecipe } from "../contract/pixels.ts";

type Numbers = Pick<ImageRecipe, "rescale" | "normalise">;

/**
 * 8-bit RGB → float32: `value * rescale`, then `(value - mean) / std`, each rounded to float32 where transformers'
 * `rescale` and `normalize` round. Bytes and result are `[height, width, 3]`. Throws `config-malformed`.
 */
export function normalise(bytes: Uint8Array, numbers: Numbers): Float32Array {
  const [red, green, blue] = [channelTable(numbers, 0), channelTable(numbers, 1), channelTable(numbers, 2)];
  const pixels = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i += 3) {
    pixels[i] = red[bytes[i]!]!;
    pixels[i + 1] = green[bytes[i + 1]!]!;
    pixels[i + 2] = blue[bytes[i + 2]!]!;
  }
  return pixels;
}

/** What each of the 256 levels of one channel becomes. */
function channelTable({ rescale, normalise }: Numbers, channel: number): Float32Array {
  const mean = normalise === null ? 0 : Math.fround(perChannel(normalise.mean, channel));
  const std = normalise === null ? 1 : Math.fround(perChannel(normalise.std, channel));
  return Float32Array.from({ length: 256 }, (_, level) => {
    const rescaled = Math.fround(level * (rescale ?? 1));
    return Math.fround(rescaled - mean) / std;
  });
}

function perChannel(values: readonly number[], channel: number): number {
  const value = values[channel];
  if (value === undefined) {
    throw new VisionError(
      "config-malformed",
      `mean and std: wanted one number for each of 3 channels, got ${values.length}`,
    );
  }
  return value;
}
