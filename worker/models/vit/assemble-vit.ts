import {
  concat,
  reshape,
  transpose,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
} from "@tensorflow/tfjs-core";
import type { EncoderBlock } from "../../layers/encoder-block.ts";
import type { PatchEmbedding } from "../../layers/patch-embedding.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import { prefixNames } from "../../kernels/prefix-tokens.ts";
import { readLinear, readNorm } from "../read-dense.ts";
import type { VitConfig } from "./config.ts";
import type { Vit } from "./vit.ts";

/** The convolution's weight `[D, C, P, P]` as a product's kernel `[P·P·C, D]`, rows in the order (y, x, channel). */
function readPatchEmbedding(read: TensorReader, { patchSize }: VitConfig): PatchEmbedding {
  const name = "embeddings.patch_embeddings.projection";
  const turned = transpose(read(`${name}.weight`) as Tensor4D, [2, 3, 1, 0]); // [P, P, C, D]
  const kernel: Tensor2D = reshape(turned, [-1, turned.shape[3]]);
  return { patchSize, projection: { kernel, bias: read(`${name}.bias`) as Tensor1D } };
}

function readPrefix(read: TensorReader, config: VitConfig): Tensor3D | null {
  const tokens = prefixNames(config).map((name) => read(name) as Tensor3D);
  return tokens.length > 0 ? concat(tokens, 1) : null;
}

/** One block of parameters under the names of `vitParameterShapes`. */
export function assembleBlock(read: TensorReader, config: VitConfig, layer: number): EncoderBlock {
  const { layerNormEpsilon, queryKeyValueBias } = config;
  const block = `encoder.layer.${layer}`;
  const part = (name: string) =>
    readLinear(read, `${block}.attention.attention.${name}`, ["weight", queryKeyValueBias ? "bias" : null]);
  return {
    normBefore: readNorm(read, `${block}.layernorm_before`, layerNormEpsilon),
    attention: {
      heads: config.heads,
      query: part("query"),
      key: part("key"),
      value: part("value"),
      output: readLinear(read, `${block}.attention.output.dense`),
    },
    normAfter: readNorm(read, `${block}.layernorm_after`, layerNormEpsilon),
    feedForward: {
      expand: readLinear(read, `${block}.intermediate.dense`),
      activation: config.activation,
      contract: readLinear(read, `${block}.output.dense`),
    },
  };
}

/** All of a ViT but its blocks. */
export const assembleFrame = (read: TensorReader, config: VitConfig): Omit<Vit, "blocks"> => ({
  config,
  patches: readPatchEmbedding(read, config),
  prefix: readPrefix(read, config),
  positions: read("embeddings.position_embeddings") as Tensor3D,
  norm: readNorm(read, "layernorm", config.layerNormEpsilon),
  pooler: config.pooler ? readLinear(read, "pooler.dense") : null,
  head: config.classes > 0 ? readLinear(read, "classifier") : null,
  distillationHead: config.distillationHead ? readLinear(read, "distillation_classifier") : null,
  patchHead: config.patchHead ? readLinear(read, "patch_classifier", ["weight", null]) : null,
});

/**
 * A ViT over parameters in PyTorch's layouts. Every step is differentiable, so what trains are the parameters as they
 * stand in a checkpoint. Call it inside `tidy`: kernels are turned copies, all else is what `read` gave.
 */
export const assembleVit = (read: TensorReader, config: VitConfig): Vit => ({
  ...assembleFrame(read, config),
  blocks: Array.from({ length: config.layers }, (_, layer) => assembleBlock(read, config, layer)),
});
