import {
  dispose,
  mean,
  reshape,
  tidy,
  transpose,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { Size } from "../../contract/geometry.ts";
import { gridOfMap, gridOfTokens } from "../../models/captioner/grid-features.ts";

/** How an encoder's features become what a decoder looks at. */
export type FeatureLayout = {
  readonly grid: Size; // places the decoder looks at
  readonly pooling: number; // 1: as the encoder gives them
  readonly dropped: number; // tokens before the first patch that the decoder is not shown
};

/**
 * `last_hidden_state` of a ViT `[B, P + N, D]` or a CNN `[B, C, H, W]` → `[B, L, D]`, `[B, L, C]`: patches or places row by
 * row, averaged where they are pooled. The caller owns the result; what it gave is gone.
 */
export function gridOf(last: Tensor, { grid, pooling, dropped }: FeatureLayout): Tensor3D {
  const features = tidy(() => {
    const full =
      last.rank === 4 ? gridOfMap(transpose(last as Tensor4D, [0, 2, 3, 1])) : gridOfTokens(last as Tensor3D, dropped);
    return pooling === 1 ? full : poolGrid(full, grid, pooling);
  });
  dispose(last);
  return features;
}

/** `[B, H·k · W·k, C]` → `[B, H · W, C]`, the mean over k × k places, as PyTorch's `avg_pool2d`. */
function poolGrid(features: Tensor3D, { width, height }: Size, pooling: number): Tensor3D {
  const [batch, , channels] = features.shape;
  const rows = mean(reshape(features, [batch * height, pooling, width * pooling * channels]), 1); // [B·H, W·k·C]
  const cells = mean(reshape(rows, [batch * height * width, pooling, channels]), 1); // [B·H·W, C]
  return reshape(cells, [batch, height * width, channels]);
}
