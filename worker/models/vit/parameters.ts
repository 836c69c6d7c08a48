import { elementCount } from "../../contract/host-tensor.ts";
import { ShapeTable } from "../shape-table.ts";
import { positionGrid, prefixTokens, type VitConfig } from "./config.ts";

/**
 * Every parameter of a ViT and its shape, under the names of Hugging Face's bare `ViTModel` (transformers 4)
 * plus `register_tokens`, `classifier`, `distillation_classifier` and `patch_classifier`. Every other naming scheme is
 * translated to these.
 */
export function vitParameterShapes(config: VitConfig): ShapeTable {
  const { channels, patchSize, hiddenSize: D } = config;
  const shapes = new ShapeTable();
  if (config.classToken) shapes.set("embeddings.cls_token", [1, 1, D]);
  if (config.distillationToken) shapes.set("embeddings.distillation_token", [1, 1, D]);
  if (config.registers > 0) shapes.set("embeddings.register_tokens", [1, config.registers, D]);
  const learned = positionGrid(config);
  shapes.set("embeddings.position_embeddings", [1, prefixTokens(config) + learned.width * learned.height, D]);
  shapes.set("embeddings.patch_embeddings.projection.weight", [D, channels, patchSize.height, patchSize.width]);
  shapes.set("embeddings.patch_embeddings.projection.bias", [D]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `encoder.layer.${layer}`;
    shapes.norm(`${block}.layernorm_before`, D);
    for (const part of ["query", "key", "value"]) {
      shapes.linear(`${block}.attention.attention.${part}`, D, D, config.queryKeyValueBias);
    }
    shapes.linear(`${block}.attention.output.dense`, D, D);
    shapes.norm(`${block}.layernorm_after`, D);
    shapes.linear(`${block}.intermediate.dense`, config.intermediateSize, D);
    shapes.linear(`${block}.output.dense`, D, config.intermediateSize);
  }
  shapes.norm("layernorm", D);
  if (config.pooler) shapes.linear("pooler.dense", D, D);
  if (config.classes > 0) shapes.linear("classifier", config.classes, D);
  if (config.distillationHead) shapes.linear("distillation_classifier", config.classes, D);
  if (config.patchHead) shapes.linear("patch_classifier", config.classes, D, false);
  return shapes;
}

/** How many numbers a ViT learns. */
export const parameterCount = (config: VitConfig): number =>
  [...vitParameterShapes(config).values()].reduce((sum, shape) => sum + elementCount(shape), 0);
