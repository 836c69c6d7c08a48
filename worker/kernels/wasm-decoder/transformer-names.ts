import type { TransformerPlan } from "../decoder-engine.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { readDense, torchDense, type Dense } from "./place-dense.ts";

/** The weights of one block. */
type BlockWeights = {
  readonly norms: readonly string[]; // before or behind self-attention, cross-attention and feed-forward
  readonly self: Dense; // [D, 3D]: query, key, value
  readonly selfOutput: Dense;
  readonly crossQuery: Dense;
  readonly crossKeyValue: Dense; // [D, 2D]
  readonly crossOutput: Dense;
  readonly expand: Dense;
  readonly contract: Dense;
};

/** How a family of Transformer decoders calls its parameters. */
export type TransformerNames = {
  readonly embedding: string;
  readonly positions: string;
  readonly projection: string; // of the memory
  readonly norm: string; // behind the last block
  readonly output: string;
  readonly block: (read: ParameterReader, plan: TransformerPlan, layer: number) => BlockWeights;
};

/** The same layer without its first outputs. */
export const behind = (dense: Dense, first: number): Dense => ({ ...dense, first: dense.first + first });

/** The names of `transformerParameterShapes`. */
export const TRANSFORMER_NAMES: TransformerNames = {
  embedding: "embedding.weight",
  positions: "positions.weight",
  projection: "memory_projection",
  norm: "decoder.norm",
  output: "output.weight",
  block(read, { hiddenSize: D, intermediateSize }, layer) {
    const block = `decoder.layers.${layer}`;
    const packed = (name: string): Dense =>
      torchDense(read(`${block}.${name}.in_proj_weight`), read(`${block}.${name}.in_proj_bias`), D);
    const dense = (name: string, inputs = D): Dense => readDense(read, `${block}.${name}`, inputs);
    const cross = packed("multihead_attn");
    return {
      norms: [1, 2, 3].map((place) => `${block}.norm${place}`),
      self: packed("self_attn"),
      selfOutput: dense("self_attn.out_proj"),
      crossQuery: cross,
      crossKeyValue: behind(cross, D),
      crossOutput: dense("multihead_attn.out_proj"),
      expand: dense("linear1"),
      contract: dense("linear2", intermediateSize),
    };
  },
};

/** The names of `gpt2ParameterShapes`; weights lie `[in, out]`. */
export const GPT2_NAMES: TransformerNames = {
  embedding: "decoder.transformer.wte.weight",
  positions: "decoder.transformer.wpe.weight",
  projection: "enc_to_dec_proj",
  norm: "decoder.transformer.ln_f",
  output: "decoder.lm_head.weight",
  block(read, _, layer) {
    const block = `decoder.transformer.h.${layer}`;
    const dense = (name: string): Dense => {
      const bias = read(`${block}.${name}.bias`);
      return { weight: read(`${block}.${name}.weight`), bias, first: 0, apart: 1, step: bias.length };
    };
    return {
      norms: ["ln_1", "ln_cross_attn", "ln_2"].map((name) => `${block}.${name}`),
      self: dense("attn.c_attn"),
      selfOutput: dense("attn.c_proj"),
      crossQuery: dense("crossattention.q_attn"),
      crossKeyValue: dense("crossattention.c_attn"),
      crossOutput: dense("crossattention.c_proj"),
      expand: dense("mlp.c_fc"),
      contract: dense("mlp.c_proj"),
    };
  },
};
