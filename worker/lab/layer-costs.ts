import type { LayerCosts, LayerSizes } from "../contract/lab.ts";

/**
 * Table 1 of Vaswani et al. 2017. Paths are the least number of whole layers: a stack of convolutions whose taps lie
 * ever further apart (k > 1) reaches n tokens in log_k n of them.
 */
export const layerCosts = ({ n, d, k, r }: LayerSizes): LayerCosts => ({
  selfAttention: { operations: n * n * d, sequentialSteps: 1, longestPath: 1 },
  recurrent: { operations: n * d * d, sequentialSteps: n, longestPath: n },
  convolution: { operations: k * n * d * d, sequentialSteps: 1, longestPath: layersToReach(n, k) },
  restrictedAttention: { operations: r * n * d, sequentialSteps: 1, longestPath: Math.ceil(n / r) },
});

/** The least L with k^L ≥ n, counted in whole numbers, since logarithms round. */
function layersToReach(n: number, k: number): number {
  if (k < 2) return n > 1 ? Infinity : 1;
  let layers = 1;
  for (let reached = k; reached < n; reached *= k) layers += 1;
  return layers;
}
