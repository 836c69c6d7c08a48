import { tensor1d, tensor2d, tensor3d, type Tensor3D } from "@tensorflow/tfjs-core";
import type { EncoderBlock } from "../../layers/encoder-block.ts";
import type { LayerNorm } from "../../layers/layer-norm.ts";
import type { Linear } from "../../layers/linear.ts";
import type { PatchEmbedding } from "../../layers/patch-embedding.ts";
import { prefixTokens, tokenCount, type VitConfig } from "./config.ts";
import { releaseVit, type Vit } from "./vit.ts";

/**
 * The values of one parameter by its name in `vitParameterShapes`, row-major, PyTorch's layout.
 * Read one at a time, so that half-precision weights never stand in memory widened all at once.
 */
export type ParameterReader = (name: string) => Float32Array;

/** `[out, in]` → `[in, out]`: products with an untransposed kernel are the quick ones on wasm. */
function transposed(weight: Float32Array, out: number, inputs: number): Float32Array {
  const result = new Float32Array(weight.length);
  for (let row = 0; row < out; row++) {
    for (let column = 0; column < inputs; column++) result[column * out + row] = weight[row * inputs + column]!;
  }
  return result;
}

function readLinear(read: ParameterReader, name: string, inputs: number, out: number, bias = true): Linear {
  return {
    kernel: tensor2d(transposed(read(`${name}.weight`), out, inputs), [inputs, out]),
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
  const weight = read(`${name}.weight`);
  const area = patchSize.height * patchSize.width;
  const kernel = new Float32Array(weight.length);
  let at = 0;
  for (let out = 0; out < hiddenSize; out++) {
    for (let channel = 0; channel < channels; channel++) {
      for (let pixel = 0; pixel < area; pixel++)
        kernel[(pixel * channels + channel) * hiddenSize + out] = weight[at++]!;
    }
  }
  const projection = {
    kernel: tensor2d(kernel, [area * channels, hiddenSize]),
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
