import { transpose, type Tensor2D } from "@tensorflow/tfjs-core";
import type { DecoderBlock } from "../../layers/decoder-block.ts";
import type { Linear } from "../../layers/linear.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import type { TransformerConfig } from "./config.ts";
import { readLinear, readNorm } from "../read-dense.ts";
import { readConv1d, splitLinear } from "./read-parts.ts";
import type { TransformerDecoder } from "./transformer-decoder.ts";

/** One block of parameters under the names of `gpt2ParameterShapes`. */
export function assembleGpt2Block(read: TensorReader, config: TransformerConfig, layer: number): DecoderBlock {
  const { heads, activation, normOrder, layerNormEpsilon } = config;
  const block = `decoder.transformer.h.${layer}`;
  const dense = (name: string) => readConv1d(read, `${block}.${name}`);
  const norm = (name: string) => readNorm(read, `${block}.${name}`, layerNormEpsilon);
  const [query, key, value] = splitLinear(dense("attn.c_attn"), 3) as [Linear, Linear, Linear];
  const [crossKey, crossValue] = splitLinear(dense("crossattention.c_attn"), 2) as [Linear, Linear];
  return {
    normOrder,
    selfNorm: norm("ln_1"),
    selfAttention: { heads, query, key, value, output: dense("attn.c_proj") },
    crossNorm: norm("ln_cross_attn"),
    crossAttention: {
      heads,
      query: dense("crossattention.q_attn"),
      key: crossKey,
      value: crossValue,
      output: dense("crossattention.c_proj"),
    },
    feedNorm: norm("ln_2"),
    feedForward: { expand: dense("mlp.c_fc"), activation, contract: dense("mlp.c_proj") },
  };
}

/** All of a GPT-2 decoder but its blocks. */
export function assembleGpt2Frame(read: TensorReader, config: TransformerConfig): Omit<TransformerDecoder, "blocks"> {
  const embedding: Tensor2D = transpose(read("decoder.transformer.wte.weight") as Tensor2D); // [D, V]
  return {
    config,
    embedding,
    positions: read("decoder.transformer.wpe.weight") as Tensor2D,
    memoryProjection: config.memorySize === config.hiddenSize ? null : readLinear(read, "enc_to_dec_proj"),
    norm: readNorm(read, "decoder.transformer.ln_f", config.layerNormEpsilon),
    output: {
      kernel: config.tiedOutput ? embedding : transpose(read("decoder.lm_head.weight") as Tensor2D),
      bias: null,
    },
  };
}
