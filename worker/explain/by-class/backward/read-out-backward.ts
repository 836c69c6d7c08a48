import { add, matMul, mul, reshape, slice, tensor2d, tidy, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { Linear } from "../../../layers/linear.ts";
import { prefixTokens, type VitConfig } from "../../../models/vit/config.ts";
import type { Vit } from "../../../models/vit/vit.ts";
import { layerNormBackward } from "./layer-norm-backward.ts";

const DISTILLATION_TOKEN = 1; // stands behind the class token

/** What one class's logit reads of the features: `[1, D]` of a head's kernel `[D, classes]`. */
export const classWeights = ({ kernel }: Linear, target: number): Tensor2D =>
  tidy(() => reshape(slice(kernel, [0, target], [kernel.shape[0], 1]), [1, kernel.shape[0]]));

/** How much each of `count` tokens counts in what a head reads, as a column `[T, 1]`. */
const column = (count: number, shareOf: (token: number) => number): Tensor2D =>
  tensor2d(
    Float32Array.from({ length: count }, (_, token) => shareOf(token)),
    [count, 1],
  );

/** Of one token alone. */
const only = (count: number, wanted: number): Tensor2D => column(count, (token) => Number(token === wanted));

/** Of the mean over patches. */
function patchShares(config: VitConfig, count: number): Tensor2D {
  const prefix = prefixTokens(config);
  return column(count, (token) => (token < prefix ? 0 : 1 / (count - prefix)));
}

/** tokens `[1, T, D]` of the last block → the gradient `[1, T, D]` of one class's logit by them. */
export function readOutBackward(vit: Vit, head: Linear, tokens: Tensor3D, target: number): Tensor3D {
  const { config, norm, distillationHead, patchHead } = vit;
  const [, count, width] = tokens.shape;
  return tidy(() => {
    const shares = config.pooling === "mean" ? patchShares(config, count) : only(count, 0); // [T, 1]
    let byPooled = mul<Tensor2D>(classWeights(head, target), distillationHead ? 0.5 : 1); // [1, D]
    if (config.finalNorm === "pooled") {
      const features = matMul<Tensor2D>(shares, reshape(tokens, [count, width]), true); // [1, D]
      byPooled = layerNormBackward(norm, features, byPooled);
    }
    let byEncoded = matMul<Tensor2D>(shares, byPooled); // [T, D]
    if (distillationHead) {
      const byToken = mul(classWeights(distillationHead, target), 0.5);
      byEncoded = add(byEncoded, matMul(only(count, DISTILLATION_TOKEN), byToken));
    }
    if (patchHead) byEncoded = add(byEncoded, matMul(patchShares(config, count), classWeights(patchHead, target)));
    const gradient: Tensor3D = reshape(byEncoded, [1, count, width]);
    return config.finalNorm === "tokens" ? layerNormBackward(norm, tokens, gradient) : gradient;
  });
}
