import { add, mean, mul, rsqrt, square, sub, tidy, type Tensor } from "@tensorflow/tfjs-core";
import type { LayerNorm } from "../../../layers/layer-norm.ts";

/** input and gradient by the norm's answer, both `[…, D]` → gradient by the input: (g − mean g − x̂ · mean(g x̂)) / σ. */
export function layerNormBackward<T extends Tensor>({ scale, epsilon }: LayerNorm, input: T, gradient: T): T {
  return tidy(() => {
    const centred = sub(input, mean(input, -1, true)); // […, D]
    const inverse = rsqrt(add(mean(square(centred), -1, true), epsilon)); // […, 1], 1 / σ
    const normed = mul(centred, inverse); // […, D], x̂
    const scaled = mul(gradient, scale); // […, D], g
    const along = mul(normed, mean(mul(scaled, normed), -1, true)); // […, D]
    return mul<T>(sub(sub(scaled, mean(scaled, -1, true)), along), inverse);
  });
}
