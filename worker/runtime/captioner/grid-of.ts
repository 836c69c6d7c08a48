import { dispose, type Tensor } from "@tensorflow/tfjs-core";
import type { HostArray } from "../../contract/forward.ts";
import type { Size } from "../../contract/geometry.ts";

/** How an encoder's features become what a decoder looks at. */
export type FeatureLayout = {
  readonly grid: Size; // places the decoder looks at
  readonly pooling: number; // 1: as the encoder gives them
  readonly dropped: number; // tokens before the first patch that the decoder is not shown
};

/** `gridOf` what an encoder has on its device; what it gave is gone. */
export async function readGrid(last: Tensor, layout: FeatureLayout): Promise<HostArray> {
  try {
    return gridOf({ shape: last.shape, values: await last.data<"float32">() }, layout);
  } finally {
    dispose(last);
  }
}

/**
 * `last_hidden_state` of a ViT `[B, P + N, C]` or a CNN `[B, C, H, W]` → `[B, L, C]`: patches or places row by row,
 * averaged where they are pooled, over k × k places, as PyTorch's `avg_pool2d`.
 */
export function gridOf({ shape, values }: HostArray, { grid, pooling, dropped }: FeatureLayout): HostArray {
  const isMap = shape.length === 4;
  const [batch, channels] = isMap ? (shape as [number, number]) : [shape[0]!, shape[2]!];
  const size = values.length / batch; // of one image
  const shown = size / channels - dropped; // places, or tokens
  const [apart, step] = isMap ? [1, shown] : [channels, 1]; // from place to place, from channel to channel
  const places = shown / pooling ** 2;
  const width = places / grid.height;
  const features = new Float32Array(batch * places * channels);
  for (let at = 0; at < features.length; at++) {
    const [channel, place] = [at % channels, Math.floor(at / channels) % places];
    const image = Math.floor(at / (channels * places)) * size;
    let sum = 0;
    for (let tap = 0; tap < pooling ** 2; tap++) {
      const y = Math.floor(place / width) * pooling + Math.floor(tap / pooling);
      const x = (place % width) * pooling + (tap % pooling);
      sum += values[image + (dropped + y * width * pooling + x) * apart + channel * step]!;
    }
    features[at] = sum / pooling ** 2;
  }
  return { shape: [batch, places, channels], values: features };
}
