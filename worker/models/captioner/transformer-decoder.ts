import type { Tensor2D, Tensor3D } from "@tensorflow/tfjs-core";
import type { DecoderBlock } from "../../layers/decoder-block.ts";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { Linear } from "../../layers/linear.ts";
import { releaseParts } from "../parts.ts";
import type { TransformerConfig } from "./config.ts";

/** A Transformer decoder with cross-attention on the device. `releaseTransformer` gives its memory back. */
export type TransformerDecoder = {
  readonly config: TransformerConfig;
  readonly embedding: Tensor2D; // [D, V], a column for each token
  readonly positions: Tensor2D; // [P, D]
  readonly memoryProjection: Linear | null; // [C, D], where the encoder is of another width
  readonly blocks: readonly DecoderBlock[];
  readonly norm: LayerNorm | null; // behind the last block
  /** What happens to words and positions, `[rows, T, D]`: dropout while it learns. */
  readonly onEmbedded?: ((embedded: Tensor3D) => Tensor3D) | undefined;
  readonly output: Linear; // [D, V]; of a tied one the kernel is the embedding itself
};

export const releaseTransformer: (decoder: TransformerDecoder) => void = releaseParts;
