import type { RecurrentConfig, TransformerConfig } from "./config.ts";

/** `[size, …]` of one parameter, in PyTorch's layout: Linear `[out, in]`. */
type Shape = readonly number[];

/** A table of shapes under construction. */
class ShapeTable {
  readonly shapes = new Map<string, Shape>();

  linear(name: string, out: number, inputs: number): void {
    this.shapes.set(`${name}.weight`, [out, inputs]);
    this.shapes.set(`${name}.bias`, [out]);
  }

  /** GPT-2's dense layer, whose weight lies the other way round. */
  conv1d(name: string, inputs: number, out: number): void {
    this.shapes.set(`${name}.weight`, [inputs, out]);
    this.shapes.set(`${name}.bias`, [out]);
  }

  norm(name: string, width: number): void {
    this.shapes.set(`${name}.weight`, [width]);
    this.shapes.set(`${name}.bias`, [width]);
  }

  /** `nn.MultiheadAttention`: query, key and value in one. */
  attention(name: string, width: number): void {
    this.shapes.set(`${name}.in_proj_weight`, [3 * width, width]);
    this.shapes.set(`${name}.in_proj_bias`, [3 * width]);
    this.linear(`${name}.out_proj`, width, width);
  }
}

/** Every parameter of a recurrent captioner and its shape, under the names of a PyTorch state dict. */
export function recurrentParameterShapes(config: RecurrentConfig): Map<string, Shape> {
  const { vocabularySize: V, featureSize: C, embeddingSize: E, hiddenSize: D, alignmentSize: A } = config;
  const table = new ShapeTable();
  table.shapes.set("embedding.weight", [V, E]);
  table.linear("init_h", D, C);
  table.linear("init_c", D, C);
  table.linear("encoder_attention", A, C);
  table.linear("decoder_attention", A, D);
  if (config.alignment === "additive") table.linear("full_attention", 1, A);
  table.linear("gate", C, D);
  table.shapes.set("cell.weight_ih", [4 * D, E + C]);
  table.shapes.set("cell.weight_hh", [4 * D, D]);
  table.shapes.set("cell.bias_ih", [4 * D]);
  table.shapes.set("cell.bias_hh", [4 * D]);
  if (config.output === "deep") {
    table.linear("output_hidden", E, D);
    table.linear("output_context", E, C);
  }
  table.linear("output", V, config.output === "deep" ? E : D);
  return table.shapes;
}

/** Every parameter of a Transformer captioner and its shape; `decoder.` is PyTorch's `nn.TransformerDecoder`. */
export function transformerParameterShapes(config: TransformerConfig): Map<string, Shape> {
  const { vocabularySize: V, hiddenSize: D } = config;
  const table = new ShapeTable();
  table.shapes.set("embedding.weight", [V, D]);
  if (config.positions === "learned") table.shapes.set("positions.weight", [config.maxPositions, D]);
  if (config.memorySize !== D) table.linear("memory_projection", D, config.memorySize);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `decoder.layers.${layer}`;
    table.attention(`${block}.self_attn`, D);
    table.attention(`${block}.multihead_attn`, D);
    table.linear(`${block}.linear1`, config.intermediateSize, D);
    table.linear(`${block}.linear2`, D, config.intermediateSize);
    for (const norm of ["norm1", "norm2", "norm3"]) table.norm(`${block}.${norm}`, D);
  }
  if (config.normOrder === "pre") table.norm("decoder.norm", D);
  if (!config.tiedOutput) table.shapes.set("output.weight", [V, D]);
  return table.shapes;
}

/** The same of a GPT-2 decoder with cross-attention, under the names of Hugging Face's `VisionEncoderDecoderModel`. */
export function gpt2ParameterShapes(config: TransformerConfig): Map<string, Shape> {
  const { vocabularySize: V, hiddenSize: D, intermediateSize } = config;
  const table = new ShapeTable();
  if (config.memorySize !== D) table.linear("enc_to_dec_proj", D, config.memorySize);
  table.shapes.set("decoder.transformer.wte.weight", [V, D]);
  table.shapes.set("decoder.transformer.wpe.weight", [config.maxPositions, D]);
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `decoder.transformer.h.${layer}`;
    for (const norm of ["ln_1", "ln_cross_attn", "ln_2"]) table.norm(`${block}.${norm}`, D);
    table.conv1d(`${block}.attn.c_attn`, D, 3 * D);
    table.conv1d(`${block}.attn.c_proj`, D, D);
    table.conv1d(`${block}.crossattention.q_attn`, D, D);
    table.conv1d(`${block}.crossattention.c_attn`, D, 2 * D);
    table.conv1d(`${block}.crossattention.c_proj`, D, D);
    table.conv1d(`${block}.mlp.c_fc`, D, intermediateSize);
    table.conv1d(`${block}.mlp.c_proj`, intermediateSize, D);
  }
  table.norm("decoder.transformer.ln_f", D);
  if (!config.tiedOutput) table.shapes.set("decoder.lm_head.weight", [V, D]);
  return table.shapes;
}
