import { tensor1d, tensor2d, tensor3d, type Tensor3D } from "@tensorflow/tfjs-core";
import type { EncoderBlock } from "../../layers/encoder-block.ts";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { Linear } from "../../layers/linear.ts";
import type { PatchEmbedding } from "../../layers/patch-embedding.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { turnKernel } from "../turn-kernel.ts";
import { prefixTokens, tokenCount, type VitConfig } from "./config.ts";
import { releaseVit, type Vit } from "./vit.ts";

function readLinear(read: ParameterReader, name: string, inputs: number, out: number, bias = true): Linear {
  return {
    kernel: tensor2d(turnKernel(read(`${name}.weight`), { taps: 1, inputs, outputs: out }), [inputs, out]),
    bias: bias ? tensor1d(read(`${name}.bias`)) : null,
  };
}

const readNorm = (read: ParameterReader, name: string, epsilon: number): LayerNorm => ({
  scale: tensor1d(read(`${name}.weight`)),
  shift: tensor1d(read(`${name}.bias`)),
  epsilon,
});

/** The convolution's weight `[D, C, P, P]` as a product's kernel `[P·P·C, D]`, rows in the order (y, x, channel). */
function readPatchEmbedding(read: ParameterReader, config: VitConfig): PatchEmbedding {
  const { patchSize, channels, hiddenSize } = config;
  const name = "embeddings.patch_embeddings.projection";
  const taps = patchSize.height * patchSize.width;
  const kernel = turnKernel(read(`${name}.weight`), { taps, inputs: channels, outputs: hiddenSize });
  const projection = {
    kernel: tensor2d(kernel, [taps * channels, hiddenSize]),
    bias: tensor1d(read(`${name}.bias`)),
  };
  return { patchSize, projection };
}

function readBlock(read: ParameterReader, config: VitConfig, layer: number): EncoderBlock {
  const { hiddenSize: D, intermediateSize, layerNormEpsilon, queryKeyValueBias } = config;
  const block = `encoder.layer.${layer}`;
  const part = (name: string) => readLinear(read, `${block}.attention.attention.${name}`, D, D, queryKeyValueBias);
  return {
    normBefore: readNorm(read, `${block}.layernorm_before`, layerNormEpsilon),
    attention: {
      heads: config.heads,
      query: part("query"),
      key: part("key"),
      value: part("value"),
      output: readLinear(read, `${block}.attention.output.dense`, D, D),
    },
    normAfter: readNorm(read, `${block}.layernorm_after`, layerNormEpsilon),
    feedForward: {
      expand: readLinear(read, `${block}.intermediate.dense`, D, intermediateSize),
      activation: config.activation,
      contract: readLinear(read, `${block}.output.dense`, intermediateSize, D),
    },
  };
}

function readPrefix(read: ParameterReader, config: VitConfig): Tensor3D | null {
  const count = prefixTokens(config);
  if (count === 0) return null;
  const values = new Float32Array(count * config.hiddenSize);
  if (config.classToken) values.set(read("embeddings.cls_token"));
  if (config.distillationToken) values.set(read("embeddings.distillation_token"), (count - 1) * config.hiddenSize);
  return tensor3d(values, [1, count, config.hiddenSize]);
}

/**
 * Puts a ViT's parameters on the current backend. `pause` is awaited after every block; throw from it to stop.
 * The caller owns the model and ends it with `releaseVit`; whatever is thrown, no tensor is left behind.
 */
export async function buildVit(config: VitConfig, read: ParameterReader, pause?: () => Promise<void>): Promise<Vit> {
  const { hiddenSize: D, classes } = config;
  const positionValues = read("embeddings.position_embeddings");
  const blocks: EncoderBlock[] = [];
  const vit: Vit = {
    config,
    patches: readPatchEmbedding(read, config),
    prefix: readPrefix(read, config),
    positions: tensor3d(positionValues, [1, tokenCount(config), D]),
    positionValues,
    blocks,
    norm: readNorm(read, "layernorm", config.layerNormEpsilon),
    pooler: config.pooler ? readLinear(read, "pooler.dense", D, D) : null,
    head: classes > 0 ? readLinear(read, "classifier", D, classes) : null,
    distillationHead: config.distillationHead ? readLinear(read, "distillation_classifier", D, classes) : null,
  };
  try {
    for (let layer = 0; layer < config.layers; layer++) {
      blocks.push(readBlock(read, config, layer));
      await pause?.();
    }
    return vit;
  } catch (error) {
    releaseVit(vit);
    throw error;
  }
}
