import { transpose, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { PostNormBlock } from "../../layers/post-norm-block.ts";
import {
  assembleTransformerBlock,
  assembleTransformerFrame,
  readAttention,
} from "../captioner/assemble-transformer.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import { readLinear, readNorm } from "../read-dense.ts";
import type { TransformerConfig } from "./config.ts";
import { decoderConfig } from "./decoder-config.ts";
import type { Transformer } from "./transformer.ts";

/** `nn.TransformerEncoderLayer`, with ReLU. */
function readBlock(read: TensorReader, config: TransformerConfig, layer: number): PostNormBlock {
  const name = `encoder.layers.${layer}`;
  const norm = (place: number) => readNorm(read, `${name}.norm${place}`, config.layerNormEpsilon);
  return {
    selfAttention: readAttention(read, `${name}.self_attn`, config.heads),
    selfNorm: norm(1),
    feedForward: {
      expand: readLinear(read, `${name}.linear1`),
      activation: "relu",
      contract: readLinear(read, `${name}.linear2`),
    },
    feedNorm: norm(2),
  };
}

/**
 * A Transformer over parameters in PyTorch's layouts (`transformerShapes`). Call it inside `tidy`. `onBranch`: what
 * training does to embeddings and to what each part of a block adds.
 */
export function assembleTransformer(
  read: TensorReader,
  config: TransformerConfig,
  onBranch?: (branch: Tensor3D) => Tensor3D,
): Transformer {
  const writing = decoderConfig(config);
  const layers = Array.from({ length: config.layers }, (_, layer) => layer);
  return {
    config,
    sourceEmbedding: transpose(read("source_embedding.weight") as Tensor2D), // [D, V]
    blocks: layers.map((layer) => ({ ...readBlock(read, config, layer), onBranch })),
    norm: readNorm(read, "encoder.norm", config.layerNormEpsilon),
    decoder: {
      ...assembleTransformerFrame(read, writing),
      blocks: layers.map((layer) => ({ ...assembleTransformerBlock(read, writing, layer), onBranch })),
      norm: readNorm(read, "decoder.norm", config.layerNormEpsilon),
      onEmbedded: onBranch,
    },
  };
}
