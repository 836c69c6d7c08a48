import type { Size } from "../../contract/geometry.ts";
import type { VitConfig } from "./config.ts";

const square = (side: number): Size => ({ width: side, height: side });

/** The plain ViT of Dosovitskiy et al. (2021) at 224 px, as timm and Hugging Face publish it for ImageNet-1k. */
const BASE_16: VitConfig = {
  imageSize: square(224),
  patchSize: square(16),
  channels: 3,
  hiddenSize: 768,
  layers: 12,
  heads: 12,
  intermediateSize: 3072,
  activation: "gelu",
  layerNormEpsilon: 1e-12,
  queryKeyValueBias: true,
  classToken: true,
  distillationToken: false,
  registers: 0,
  positionSize: null,
  positionFilter: "bicubic",
  pooling: "class",
  finalNorm: "tokens",
  pooler: false,
  classes: 1000,
  distillationHead: false,
  patchHead: false,
};

const TINY_16: VitConfig = { ...BASE_16, hiddenSize: 192, heads: 3, intermediateSize: 768 };

/** Named shapes. Tiny and small come from DeiT (Touvron et al. 2021). */
export const VIT_PRESETS = {
  "vit-tiny-patch16-224": TINY_16,
  "vit-small-patch16-224": { ...BASE_16, hiddenSize: 384, heads: 6, intermediateSize: 1536 },
  "vit-base-patch16-224": BASE_16,
  "vit-base-patch32-224": { ...BASE_16, patchSize: square(32) },
  "vit-large-patch16-224": { ...BASE_16, hiddenSize: 1024, layers: 24, heads: 16, intermediateSize: 4096 },
} as const satisfies Record<string, VitConfig>;
