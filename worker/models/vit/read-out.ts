import { add, clone, mul, tanh, tidy, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import { meanOfTokens, tokenAt } from "../../layers/aggregate-tokens.ts";
import { layerNorm } from "../../layers/layer-norm.ts";
import { linearRows, type Linear } from "../../layers/linear.ts";
import { prefixTokens, type VitConfig } from "./config.ts";
import type { Vit } from "./vit.ts";

/** What is read from the last block's tokens; the heads' answers where the model has them. */
export type ReadOut = {
  readonly encoded: Tensor3D; // [B, P + N, D]
  readonly pooled: Tensor2D; // [B, D]
  readonly pooler_output?: Tensor2D; // [B, D]
  readonly logits?: Tensor2D; // [B, classes]
};

/** tokens `[B, P + N, D]` of the last block → the answers. The caller owns every tensor of the result. */
export const readOut = (vit: Vit, tokens: Tensor3D): ReadOut =>
  tidy(() => {
    const { config, norm } = vit;
    const encoded = config.finalNorm === "tokens" ? layerNorm(norm, tokens) : clone(tokens); // [B, P + N, D]
    const features = pool(config, encoded); // [B, D]
    const pooled = config.finalNorm === "pooled" ? layerNorm(norm, features) : features;
    return {
      encoded,
      pooled,
      ...(vit.pooler && { pooler_output: tanh(linearRows(vit.pooler, tokenAt(encoded, 0))) }),
      ...(vit.head && { logits: classify(vit, vit.head, pooled, encoded) }),
    };
  });

/** encoded `[B, P + N, D]` → `[B, D]` */
const pool = (config: VitConfig, encoded: Tensor3D): Tensor2D =>
  config.pooling === "class" ? tokenAt(encoded, 0) : meanOfTokens(encoded, prefixTokens(config));

/**
 * pooled `[B, D]` → logits `[B, classes]`; a distilled model answers with the mean of its two heads, one that reads the
 * patches too with their sum.
 */
function classify(vit: Vit, head: Linear, pooled: Tensor2D, encoded: Tensor3D): Tensor2D {
  const { config, distillationHead, patchHead } = vit;
  const logits = linearRows(head, pooled);
  if (patchHead) return add(logits, linearRows(patchHead, meanOfTokens(encoded, prefixTokens(config))));
  if (!distillationHead) return logits;
  const distilled = linearRows(distillationHead, tokenAt(encoded, 1));
  return mul(add(logits, distilled), 0.5);
}
