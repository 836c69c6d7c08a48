import { addN, mul, reshape, tidy, type Tensor3D, type Tensor4D } from "@tensorflow/tfjs-core";
import { linear, type Linear } from "../../../layers/linear.ts";
import { attendOverMap, type SpatialSelfAttention } from "../../../layers/spatial-self-attention.ts";
import { attentionBackward } from "./attention-backward.ts";
import { linearBackward } from "./linear-backward.ts";

/** map `[1, H, W, C]` that the module read and the gradient `[1, H, W, C]` by what it gave → the gradient by the map. */
export function attendOverMapBackward(layer: SpatialSelfAttention, map: Tensor4D, gradient: Tensor4D): Tensor4D {
  const [, height, width, channels] = map.shape;
  const positions = height * width;
  return tidy(() => {
    const tokens: Tensor3D = reshape(map, [1, positions, channels]);
    const split = (part: Linear): Tensor4D => {
      const inner = linear(part, tokens); // [1, HW, inner]
      return reshape(inner, [1, 1, positions, inner.shape[2]]);
    };
    const [query, key, value] = [split(layer.query), split(layer.key), split(layer.value)];
    const { weights } = attendOverMap(layer, map);
    const scale = layer.scaled ? 1 / Math.sqrt(query.shape[3]) : 1;
    const byOutput = mul<Tensor3D>(reshape(gradient, tokens.shape), layer.gamma);
    const byMixed: Tensor4D = reshape(linearBackward(layer.output, byOutput), query.shape);
    const by = attentionBackward({ query, key, value, weights, scale }, byMixed);
    const back = (part: Linear, byPart: Tensor4D): Tensor4D =>
      reshape(linearBackward(part, reshape(byPart, [1, positions, byPart.shape[3]])), map.shape);
    return addN<Tensor4D>([
      gradient,
      back(layer.query, by.query),
      back(layer.key, by.key),
      back(layer.value, by.value),
    ]);
  });
}
