/** n tokens of width d; k taps of a convolution; r neighbours that a restricted attention sees. */
export type LayerSizes = { readonly n: number; readonly d: number; readonly k: number; readonly r: number };

/** What one layer costs a sequence. */
export type LayerCost = {
  readonly operations: number; // multiply-adds, by order
  readonly sequentialSteps: number; // that cannot run side by side
  readonly longestPath: number; // layers or steps between any two tokens
};

export type LayerKind = "selfAttention" | "recurrent" | "convolution" | "restrictedAttention";

/**
 * Table 1 of Vaswani et al. 2017. Paths are the least number of whole layers: a stack of convolutions whose taps lie
 * ever further apart (k > 1) reaches n tokens in log_k n of them.
 */
export const layerCosts = ({ n, d, k, r }: LayerSizes): Record<LayerKind, LayerCost> => ({
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
