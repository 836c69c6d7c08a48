import type { NamingScheme } from "../names/naming-scheme.ts";

type Sizes = { readonly hiddenSize: number; readonly layers: number; readonly intermediateSize: number };
type Published = Sizes & { readonly heads: number };

const published = (hiddenSize: number, layers: number, intermediateSize: number, heads: number): Published => ({
  hiddenSize,
  layers,
  intermediateSize,
  heads,
});

/** Touvron et al. 2021 (tiny, small), Dosovitskiy et al. 2021 (base, large, huge), Zhai et al. 2022 (g, G). */
const PUBLISHED: readonly Published[] = [
  published(192, 12, 768, 3),
  published(384, 12, 1536, 6),
  published(768, 12, 3072, 12),
  published(1024, 24, 4096, 16),
  published(1280, 32, 5120, 16),
  published(1408, 40, 6144, 16),
  published(1664, 48, 8192, 16),
];

const HEAD_WIDTH = 64; // of every published ViT up to "large"

/**
 * Heads of a model whose config does not tell them, from its sizes; `null` where they cannot be told.
 *
 * A wrong number changes every answer and no shape. Files of a family that publishes bare weights go by their width;
 * where a `config.json` belongs beside the weights, only published sizes are sure.
 */
export function guessHeads(sizes: Sizes, { bringsConfig }: NamingScheme): number | null {
  const { hiddenSize, layers, intermediateSize } = sizes;
  const ofWidth = PUBLISHED.find((model) => model.hiddenSize === hiddenSize);
  if (bringsConfig) {
    const same = ofWidth?.layers === layers && ofWidth.intermediateSize === intermediateSize;
    return same ? ofWidth.heads : null;
  }
  return ofWidth?.heads ?? (hiddenSize % HEAD_WIDTH === 0 ? hiddenSize / HEAD_WIDTH : null);
}
