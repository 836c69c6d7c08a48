import type { Tensor2D } from "@tensorflow/tfjs-core";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { PostNormBlock } from "../../layers/post-norm-block.ts";
import type { TransformerDecoder } from "../captioner/transformer-decoder.ts";
import type { TransformerConfig } from "./config.ts";

/** A Transformer encoder–decoder on the device. */
export type Transformer = {
  readonly config: TransformerConfig;
  readonly sourceEmbedding: Tensor2D; // [D, V], a column for each token
  readonly blocks: readonly PostNormBlock[];
  readonly norm: LayerNorm; // behind the last block of the encoder
  readonly decoder: TransformerDecoder; // its positions are the encoder's too
};
