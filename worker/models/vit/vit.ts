import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { EncoderBlock } from "../../layers/encoder-block.ts";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { Linear } from "../../layers/linear.ts";
import type { PatchEmbedding } from "../../layers/patch-embedding.ts";
import { releaseParts } from "../parts.ts";
import type { VitConfig } from "./config.ts";

/** A Vision Transformer on the device. `releaseVit` gives its memory back. */
export type Vit = {
  readonly config: VitConfig;
  readonly patches: PatchEmbedding;
  /** Class and distillation token and registers, positions not yet added; null for a model without them. */
  readonly prefix: Tensor3D | null; // [1, prefix, D]
  readonly positions: Tensor3D; // [1, prefix + N, D], for `positionGrid`
  readonly blocks: readonly EncoderBlock[];
  readonly norm: LayerNorm;
  readonly pooler: Linear | null; // [D, D], of bare backbones
  readonly head: Linear | null; // [D, classes]
  readonly distillationHead: Linear | null; // [D, classes]
  readonly patchHead: Linear | null; // [D, classes]
};

export const releaseVit: (vit: Vit) => void = releaseParts;
