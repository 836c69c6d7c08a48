import { tensor2d, transpose, type Tensor1D, type Tensor2D } from "@tensorflow/tfjs-core";
import type { DecoderBlock } from "../../layers/decoder-block.ts";
import type { Linear } from "../../layers/linear.ts";
import type { MultiHeadAttention } from "../../layers/multi-head-attention.ts";
import { sinusoidalPositions } from "../../layers/sinusoidal-positions.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import type { TransformerConfig } from "./config.ts";
import { readLinear, readNorm } from "../read-dense.ts";
import { splitLinear } from "./read-parts.ts";
import type { TransformerDecoder } from "./transformer-decoder.ts";

/** `nn.MultiheadAttention`, which keeps query, key and value in one weight `[3D, D]`. */
export function readAttention(read: TensorReader, name: string, heads: number): MultiHeadAttention {
  const packed: Linear = {
    kernel: transpose(read(`${name}.in_proj_weight`) as Tensor2D), // [D, 3D]
    bias: read(`${name}.in_proj_bias`) as Tensor1D,
  };
  const [query, key, value] = splitLinear(packed, 3) as [Linear, Linear, Linear];
  return { heads, query, key, value, output: readLinear(read, `${name}.out_proj`) };
}

/** One block of parameters under the names of `transformerParameterShapes`. */
export function assembleTransformerBlock(read: TensorReader, config: TransformerConfig, layer: number): DecoderBlock {
  const { heads, activation, normOrder, layerNormEpsilon } = config;
  const block = `decoder.layers.${layer}`;
  const norm = (place: number) => readNorm(read, `${block}.norm${place}`, layerNormEpsilon);
  return {
    normOrder,
    selfNorm: norm(1),
    selfAttention: readAttention(read, `${block}.self_attn`, heads),
    crossNorm: norm(2),
    crossAttention: readAttention(read, `${block}.multihead_attn`, heads),
    feedNorm: norm(3),
    feedForward: {
      expand: readLinear(read, `${block}.linear1`),
      activation,
      contract: readLinear(read, `${block}.linear2`),
    },
  };
}

/** All of a Transformer captioner but its blocks. */
export function assembleTransformerFrame(
  read: TensorReader,
  config: TransformerConfig,
): Omit<TransformerDecoder, "blocks"> {
  const { hiddenSize, maxPositions, layerNormEpsilon } = config;
  const embedding: Tensor2D = transpose(read("embedding.weight") as Tensor2D); // [D, V]
  return {
    config,
    embedding,
    positions:
      config.positions === "learned"
        ? (read("positions.weight") as Tensor2D)
        : tensor2d(sinusoidalPositions(maxPositions, hiddenSize), [maxPositions, hiddenSize]),
    memoryProjection: config.memorySize === hiddenSize ? null : readLinear(read, "memory_projection"),
    norm: config.normOrder === "pre" ? readNorm(read, "decoder.norm", layerNormEpsilon) : null,
    output: { kernel: config.tiedOutput ? embedding : transpose(read("output.weight") as Tensor2D), bias: null },
  };
}
