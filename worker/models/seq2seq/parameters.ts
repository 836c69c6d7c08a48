import { transformerParameterShapes } from "../captioner/parameters.ts";
import { ShapeTable } from "../shape-table.ts";
import type { RecurrentConfig, TransformerConfig } from "./config.ts";
import { decoderConfig } from "./decoder-config.ts";

/** Every parameter of a recurrent model and its shape, under the names of a PyTorch state dict. */
export function recurrentShapes(config: RecurrentConfig): ShapeTable {
  const { sourceSize, targetSize, embeddingSize: E, hiddenSize: D, attention } = config;
  const shapes = new ShapeTable();
  const stack = (name: string): void => {
    for (let layer = 0; layer < config.layers; layer++) shapes.lstm(name, layer === 0 ? E : D, D, `_l${layer}`);
  };
  shapes.set("encoder.embedding.weight", [sourceSize, E]);
  stack("encoder.lstm");
  shapes.set("decoder.embedding.weight", [targetSize, E]);
  stack("decoder.lstm");
  if (attention === "general" || attention === "additive") shapes.linear("attention.query", D, D, false);
  if (attention === "additive") {
    shapes.linear("attention.key", D, D);
    shapes.linear("attention.score", 1, D, false);
  }
  if (attention) shapes.linear("combine", D, 2 * D);
  shapes.linear("output", targetSize, D);
  return shapes;
}

/** The same of a Transformer; `encoder.` and `decoder.` are PyTorch's `nn.Transformer`. */
export function transformerShapes(config: TransformerConfig): ShapeTable {
  const { sourceSize, hiddenSize: D, intermediateSize } = config;
  const shapes = new ShapeTable();
  shapes.set("source_embedding.weight", [sourceSize, D]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `encoder.layers.${layer}`;
    shapes.attention(`${block}.self_attn`, D);
    shapes.linear(`${block}.linear1`, intermediateSize, D);
    shapes.linear(`${block}.linear2`, D, intermediateSize);
    for (const norm of ["norm1", "norm2"]) shapes.norm(`${block}.${norm}`, D);
  }
  shapes.norm("encoder.norm", D);
  for (const [name, shape] of transformerParameterShapes(decoderConfig(config))) shapes.set(name, shape);
  shapes.norm("decoder.norm", D);
  return shapes;
}
