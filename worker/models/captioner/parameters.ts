import { ShapeTable } from "../shape-table.ts";
import type { RecurrentConfig, TransformerConfig } from "./config.ts";

/** Every parameter of a recurrent captioner and its shape, under the names of a PyTorch state dict. */
export function recurrentParameterShapes(config: RecurrentConfig): ShapeTable {
  const { vocabularySize: V, featureSize: C, embeddingSize: E, hiddenSize: D, alignmentSize: A } = config;
  const shapes = new ShapeTable();
  shapes.set("embedding.weight", [V, E]);
  shapes.linear("init_h", D, C);
  shapes.linear("init_c", D, C);
  shapes.linear("encoder_attention", A, C);
  shapes.linear("decoder_attention", A, D);
  if (config.alignment === "additive") shapes.linear("full_attention", 1, A);
  shapes.linear("gate", C, D);
  shapes.lstm("cell", E + C, D);
  if (config.output === "deep") {
    shapes.linear("output_hidden", E, D);
    shapes.linear("output_context", E, C);
  }
  shapes.linear("output", V, config.output === "deep" ? E : D);
  return shapes;
}

/** Every parameter of a Transformer captioner and its shape; `decoder.` is PyTorch's `nn.TransformerDecoder`. */
export function transformerParameterShapes(config: TransformerConfig): ShapeTable {
  const { vocabularySize: V, hiddenSize: D } = config;
  const shapes = new ShapeTable();
  shapes.set("embedding.weight", [V, D]);
  if (config.positions === "learned") shapes.set("positions.weight", [config.maxPositions, D]);
  if (config.memorySize !== D) shapes.linear("memory_projection", D, config.memorySize);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `decoder.layers.${layer}`;
    shapes.attention(`${block}.self_attn`, D);
    shapes.attention(`${block}.multihead_attn`, D);
    shapes.linear(`${block}.linear1`, config.intermediateSize, D);
    shapes.linear(`${block}.linear2`, D, config.intermediateSize);
    for (const norm of ["norm1", "norm2", "norm3"]) shapes.norm(`${block}.${norm}`, D);
  }
  if (config.normOrder === "pre") shapes.norm("decoder.norm", D);
  if (!config.tiedOutput) shapes.set("output.weight", [V, D]);
  return shapes;
}

/** The same of a GPT-2 decoder with cross-attention, under the names of Hugging Face's `VisionEncoderDecoderModel`. */
export function gpt2ParameterShapes(config: TransformerConfig): ShapeTable {
  const { vocabularySize: V, hiddenSize: D, intermediateSize } = config;
  const shapes = new ShapeTable();
  /** Its dense layer, whose weight lies the other way round. */
  const conv1d = (name: string, inputs: number, out: number): void => {
    shapes.set(`${name}.weight`, [inputs, out]);
    shapes.set(`${name}.bias`, [out]);
  };
  if (config.memorySize !== D) shapes.linear("enc_to_dec_proj", D, config.memorySize);
  shapes.set("decoder.transformer.wte.weight", [V, D]);
  shapes.set("decoder.transformer.wpe.weight", [config.maxPositions, D]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `decoder.transformer.h.${layer}`;
    for (const norm of ["ln_1", "ln_cross_attn", "ln_2"]) shapes.norm(`${block}.${norm}`, D);
    conv1d(`${block}.attn.c_attn`, D, 3 * D);
    conv1d(`${block}.attn.c_proj`, D, D);
    conv1d(`${block}.crossattention.q_attn`, D, D);
    conv1d(`${block}.crossattention.c_attn`, D, 2 * D);
    conv1d(`${block}.crossattention.c_proj`, D, D);
    conv1d(`${block}.mlp.c_fc`, D, intermediateSize);
    conv1d(`${block}.mlp.c_proj`, intermediateSize, D);
  }
  shapes.norm("decoder.transformer.ln_f", D);
  if (!config.tiedOutput) shapes.set("decoder.lm_head.weight", [V, D]);
  return shapes;
}
