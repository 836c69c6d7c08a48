import type { RecurrentConfig, TransformerConfig } from "../../models/seq2seq/config.ts";

/** Which model of sequences is to learn. */
export type SequenceConfig =
  ({ readonly kind: "recurrent" } & RecurrentConfig) | ({ readonly kind: "transformer" } & TransformerConfig);
