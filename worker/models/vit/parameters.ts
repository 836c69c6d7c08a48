import { elementCount } from "../../contract/host-tensor.ts";
import { positionGrid, prefixTokens, type VitConfig } from "./config.ts";

/** `[size, …]` of one parameter, in PyTorch's layout: Linear `[out, in]`, Conv2d `[out, in, height, width]`. */
export type Shape = readonly number[];

/**
 * Every parameter of a ViT and its shape, under the names of Hugging Face's bare `ViTModel` (transformers 4)
 * plus `register_tokens`, `classifier`, `distillation_classifier` and `patch_classifier`. Every other naming scheme is
 * translated to these.
 */
export function vitParameterShapes(config: VitConfig): Map<string, Shape> {
  const D = config.hiddenSize;
  const shapes = new Map<string, Shape>();
  const linear = (name: string, out: number, inputs: number, bias = true): void => {
    shapes.set(`${name}.weight`, [out, inputs]);
    if (bias) shapes.set(`${name}.bias`, [out]);
  };
  const norm = (name: string): void => {
    shapes.set(`${name}.weight`, [D]);
    shapes.set(`${name}.bias`, [D]);
  };

  if (config.classToken) shapes.set("embeddings.cls_token", [1, 1, D]);
  if (config.distillationToken) shapes.set("embeddings.distillation_token", [1, 1, D]);
  if (config.registers > 0) shapes.set("embeddings.register_tokens", [1, config.registers, D]);
  const learned = positionGrid(config);
  shapes.set("embeddings.position_embeddings", [1, prefixTokens(config) + learned.width * learned.height, D]);
  const { channels, patchSize } = config;
  shapes.set("embeddings.patch_embeddings.projection.weight", [D, channels, patchSize.height, patchSize.width]);
  shapes.set("embeddings.patch_embeddings.projection.bias", [D]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `encoder.layer.${layer}`;
    norm(`${block}.layernorm_before`);
    for (const part of ["query", "key", "value"])
      linear(`${block}.attention.attention.${part}`, D, D, config.queryKeyValueBias);
    linear(`${block}.attention.output.dense`, D, D);
    norm(`${block}.layernorm_after`);
    linear(`${block}.intermediate.dense`, config.intermediateSize, D);
    linear(`${block}.output.dense`, D, config.intermediateSize);
  }
  norm("layernorm");
  if (config.pooler) linear("pooler.dense", D, D);
  if (config.classes > 0) linear("classifier", config.classes, D);
  if (config.distillationHead) linear("distillation_classifier", config.classes, D);
  if (config.patchHead) linear("patch_classifier", config.classes, D, false);
  return shapes;
}

/** How many numbers a ViT learns. */
export const parameterCount = (config: VitConfig): number =>
  [...vitParameterShapes(config).values()].reduce((sum, shape) => sum + elementCount(shape), 0);
