import { reshape, transpose, type Tensor1D, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { blockShapes, type BlockShape } from "../../kernels/cnn-blocks.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import type { Convolution } from "../../layers/conv2d.ts";
import type { Linear } from "../../layers/linear.ts";
import type { ResidualBlock } from "../../layers/residual-block.ts";
import type { SpatialSelfAttention } from "../../layers/spatial-self-attention.ts";
import { readLinear } from "../read-dense.ts";
import type { AttentionCnn, CnnStage } from "./attention-cnn.ts";
import type { AttentionCnnConfig, MapAttention } from "./config.ts";

/** A convolution's weight `[out, in, k, k]`, and what is left to do behind it of its batch normalisation. */
type NormalisedConvolution = Pick<Convolution, "bias" | "normalise"> & { readonly weight: Tensor4D };

/** How a CNN's parameters are read. Inference folds batch normalisation into its convolution, training runs it. */
export type CnnReader = {
  readonly tensor: TensorReader;
  readonly convolution: (conv: string, norm: string) => NormalisedConvolution;
};

function readConvolution(read: CnnReader, conv: string, norm: string, stride: number): Convolution {
  const { weight, ...behind } = read.convolution(conv, norm);
  return { kernel: transpose(weight, [2, 3, 1, 0]), stride, ...behind }; // [k, k, in, out]
}

function readBlock(
  read: CnnReader,
  name: string,
  { stride, projected }: BlockShape,
): Omit<ResidualBlock, "activation"> {
  return {
    first: readConvolution(read, `${name}.conv1`, `${name}.norm1`, stride),
    second: readConvolution(read, `${name}.conv2`, `${name}.norm2`, 1),
    shortcut: projected ? readConvolution(read, `${name}.shortcut.conv`, `${name}.shortcut.norm`, stride) : null,
  };
}

/** A 1×1 convolution `[out, in, 1, 1]`, which is a dense layer for each position of a map. */
function readPointwise(read: TensorReader, name: string): Linear {
  const weight = read(`${name}.weight`);
  const matrix: Tensor2D = reshape(weight, [weight.shape[0], weight.shape[1]!]);
  return { kernel: transpose(matrix), bias: read(`${name}.bias`) as Tensor1D };
}

const readAttention = (read: TensorReader, { scaled }: MapAttention): SpatialSelfAttention => ({
  query: readPointwise(read, "attention.query"),
  key: readPointwise(read, "attention.key"),
  value: readPointwise(read, "attention.value"),
  output: readPointwise(read, "attention.output"),
  gamma: read("attention.gamma") as Tensor1D,
  scaled,
});

/** One stage of parameters under the names of `attentionCnnParameterShapes`. */
export function assembleStage(read: CnnReader, config: AttentionCnnConfig, stage: number): CnnStage {
  const { activation, attention } = config;
  return {
    blocks: blockShapes(config, stage).map((shape, index) => ({
      ...readBlock(read, `stages.${stage}.blocks.${index}`, shape),
      activation,
    })),
    attention: attention?.afterStage === stage ? readAttention(read.tensor, attention) : null,
  };
}

/** All of an attention CNN but its stages. */
export const assembleFrame = (read: CnnReader, config: AttentionCnnConfig): Omit<AttentionCnn, "stages"> => ({
  config,
  stem: readConvolution(read, "stem.conv", "stem.norm", config.stem.stride),
  head: config.classes > 0 ? readLinear(read.tensor, "head") : null,
});

/**
 * An attention CNN over parameters in PyTorch's layouts, every step differentiable. Call it inside `tidy`: kernels are
 * turned copies, all else is what `read` gave.
 */
export const assembleAttentionCnn = (read: CnnReader, config: AttentionCnnConfig): AttentionCnn => ({
  ...assembleFrame(read, config),
  stages: config.stages.map((_, stage) => assembleStage(read, config, stage)),
});
