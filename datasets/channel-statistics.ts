import { VisionError } from "../worker/contract/errors.ts";
import type { RgbImage } from "../worker/contract/pixels.ts";

const CHANNELS = 3; // red, green, blue

export type ChannelStatistics = {
  readonly mean: readonly number[]; // [3], in 0…1
  readonly std: readonly number[]; // [3], in 0…1; of all pixels, not estimated from a sample
  readonly pictures: number;
  readonly pixels: number;
};

/**
 * Mean and standard deviation of each colour over all pixels of all pictures, in one pass and float64. Sums within a
 * picture are whole numbers, hence exact; pictures are joined by Chan, Golub and LeVeque's update (1979), which loses
 * next to nothing where sums of squares over a large data set would. Throws `image-empty` where there is no pixel.
 */
export async function channelStatistics(
  pictures: AsyncIterable<RgbImage> | Iterable<RgbImage>,
  onProgress: (pictures: number) => void = () => undefined,
): Promise<ChannelStatistics> {
  const all = Array.from({ length: CHANNELS }, (): Moments => ({ count: 0, mean: 0, squares: 0 }));
  let count = 0;
  for await (const { data } of pictures) {
    for (const [channel, moments] of all.entries()) all[channel] = join(moments, momentsOf(data, channel));
    onProgress(++count);
  }
  const pixels = all[0]!.count;
  if (pixels === 0) throw new VisionError("image-empty", "statistics: wanted at least one pixel, got none");
  const std = all.map(({ squares }) => Math.sqrt(squares / pixels) / 255);
  return { mean: all.map(({ mean }) => mean / 255), std, pictures: count, pixels };
}

/** `squares`: sum of squared differences from the mean. */
type Moments = { readonly count: number; readonly mean: number; readonly squares: number };

/** data `[pixels, 3]` → moments of one colour, in 0…255 */
function momentsOf(data: Uint8Array, channel: number): Moments {
  let [sum, ofSquares] = [0, 0];
  for (let at = channel; at < data.length; at += CHANNELS) {
    const value = data[at]!;
    sum += value;
    ofSquares += value * value;
  }
  const count = data.length / CHANNELS;
  return count === 0
    ? { count, mean: 0, squares: 0 }
    : { count, mean: sum / count, squares: ofSquares - sum * (sum / count) };
}

function join(a: Moments, b: Moments): Moments {
  const count = a.count + b.count;
  if (count === 0) return a;
  const gap = b.mean - a.mean;
  return {
    count,
    mean: a.mean + (gap * b.count) / count,
    squares: a.squares + b.squares + (gap * gap * a.count * b.count) / count,
  };
}
