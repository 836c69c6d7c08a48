import type { RecurrentPlan, TransformerPlan } from "../../kernels/decoder-engine.ts";
import type { Activation } from "../../layers/activation.ts";

/** All that tells one recurrent captioner from another (Xu et al. 2015, "Show, Attend and Tell", soft attention). */
export type RecurrentConfig = RecurrentPlan;

/** All that tells one Transformer decoder with cross-attention from another: GPT-2's, or one as in Vaswani et al. 2017. */
export type TransformerConfig = TransformerPlan & { readonly activation: Activation };
