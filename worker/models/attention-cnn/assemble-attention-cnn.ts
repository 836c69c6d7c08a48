import { reshape, transpose, type Tensor1D, type Tensor2D, type Tensor4D } from "@tensorflow/tfjs-core";
import { blockShapes } from "../../kernels/cnn-blocks.ts";
import type { Convolution } from "../../layers/conv2d.ts";
import type { Linear } from "../../layers/linear.ts";
import type { ResidualBlock } from "../../layers/residual-block.ts";
import type { SpatialSelfAttention } from "../../layers/spatial-self-attention.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import type { AttentionCnn } from "./attention-cnn.ts";
import type { AttentionCnnConfig, MapAttention } from "./config.ts";

/** Normalises a map `[B, H, W, C]` as the batch normalisation of this name, by the batch's statistics or the running ones. */
export type NormaliseMap = (name: string, map: Tensor4D) => Tensor4D;

/** Reads the layers of a CNN that trains, batch normalisation still apart from its convolutions. */
class TrainingLayers {
  constructor(
    private readonly read: TensorReader,
    private readonly normalise: NormaliseMap,
  ) {}

  convolution(conv: string, norm: string, stride: number): Convolution {
    const kernel = transpose(this.read(`${conv}.weight`) as Tensor4D, [2, 3, 1, 0]); // [k, k, in, out]
    return { kernel, bias: null, stride, normalise: (map) => this.normalise(norm, map) };
  }

  /** A dense layer `[out, in]` or a 1×1 convolution `[out, in, 1, 1]`. */
  linear(name: string): Linear {
    const weight = this.read(`${name}.weight`);
    const matrix: Tensor2D = reshape(weight, [weight.shape[0], weight.shape[1]!]);
    return { kernel: transpose(matrix), bias: this.read(`${name}.bias`) as Tensor1D };
  }

  block(name: string, stride: number, projected: boolean, { activation }: AttentionCnnConfig): ResidualBlock {
    return {
      first: this.convolution(`${name}.conv1`, `${name}.norm1`, stride),
      second: this.convolution(`${name}.conv2`, `${name}.norm2`, 1),
      shortcut: projected ? this.convolution(`${name}.shortcut.conv`, `${name}.shortcut.norm`, stride) : null,
      activation,
    };
  }

  attention({ scaled }: MapAttention): SpatialSelfAttention {
    return {
      query: this.linear("attention.query"),
      key: this.linear("attention.key"),
      value: this.linear("attention.value"),
      output: this.linear("attention.output"),
      gamma: this.read("attention.gamma") as Tensor1D,
      scaled,
    };
  }
}

/**
 * An attention CNN over parameters in PyTorch's layouts (`attentionCnnParameterShapes`), every step differentiable.
 * Call it inside `tidy`: kernels are turned copies, all else is what `read` gave.
 */
export function assembleAttentionCnn(
  read: TensorReader,
  config: AttentionCnnConfig,
  normalise: NormaliseMap,
): AttentionCnn {
  const layers = new TrainingLayers(read, normalise);
  return {
    config,
    stem: layers.convolution("stem.conv", "stem.norm", config.stem.stride),
    stages: config.stages.map((_, stage) => ({
      blocks: blockShapes(config, stage).map(({ stride, projected }, index) =>
        layers.block(`stages.${stage}.blocks.${index}`, stride, projected, config),
      ),
      attention: config.attention?.afterStage === stage ? layers.attention(config.attention) : null,
    })),
    head: config.classes > 0 ? layers.linear("head") : null,
  };
}
