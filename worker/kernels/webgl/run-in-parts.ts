import type { Size } from "../../contract/geometry.ts";
import { VisionError } from "../../contract/errors.ts";
import type { HostArray } from "../../contract/forward.ts";

type Answers<Stage> = Map<Stage, HostArray>;

type Wanted = { readonly imageSize: Size; readonly channels: number };

/** Passes over at most `most` of the images `[B, height, width, C]`, one after another. Throws `input-shape`. */
export async function runInParts<Stage>(
  { imageSize, channels }: Wanted,
  { shape, values }: HostArray,
  most: number,
  pass: (images: Float32Array, count: number) => Promise<Answers<Stage>>,
): Promise<Answers<Stage>> {
  const wanted = `${imageSize.height}, ${imageSize.width}, ${channels}`;
  if (shape.length !== 4 || shape.slice(1).join(", ") !== wanted)
    throw new VisionError("input-shape", `images: expected [*, ${wanted}], got [${shape.join(", ")}]`);
  const images = shape[0]!;
  const size = values.length / images;
  const parts: Answers<Stage>[] = [];
  for (let at = 0; at < images; at += most) {
    const count = Math.min(most, images - at);
    parts.push(await pass(values.subarray(at * size, (at + count) * size), count));
  }
  return parts.length === 1 ? parts[0]! : joinImages(parts);
}

/** The same stages of some images and of those behind them. */
function joinImages<Stage>(parts: readonly Answers<Stage>[]): Answers<Stage> {
  const joined: Answers<Stage> = new Map();
  for (const stage of parts[0]!.keys()) {
    const arrays = parts.map((part) => part.get(stage)!);
    const values = new Float32Array(arrays.reduce((sum, array) => sum + array.values.length, 0));
    arrays.reduce((at, array) => (values.set(array.values, at), at + array.values.length), 0);
    const images = arrays.reduce((sum, { shape }) => sum + shape[0]!, 0);
    joined.set(stage, { shape: [images, ...arrays[0]!.shape.slice(1)], values });
  }
  return joined;
}
