import { elementCount } from "../../../worker/contract/host-tensor.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import type { VitConfig } from "../../../worker/models/vit/config.ts";
import { vitParameterShapes } from "../../../worker/models/vit/parameters.ts";

/** A small ViT; what is given replaces its own. */
export const smallVit = (settings: Partial<VitConfig>): VitConfig => ({
  imageSize: { width: 16, height: 16 },
  patchSize: { width: 4, height: 4 },
  channels: 3,
  hiddenSize: 32,
  layers: 2,
  heads: 2,
  intermediateSize: 64,
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
  classes: 10,
  distillationHead: false,
  patchHead: false,
  ...settings,
});

/** Parameters drawn so that signals keep their size from layer to layer, and norms do something. */
export function drawParameters(config: VitConfig, seed: number): (name: string) => Float32Array {
  const random = createRandom(seed);
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of vitParameterShapes(config)) {
    const count = elementCount(shape);
    const isScale = name.includes("norm") && name.endsWith(".weight");
    const size = shape.length > 1 ? Math.sqrt((3 * shape[0]!) / count) : 0.5;
    values.set(
      name,
      Float32Array.from({ length: count }, () => (isScale ? 1 : 0) + (2 * random() - 1) * size),
    );
  }
  return (name) => values.get(name)!;
}

export function drawImages({ imageSize, channels }: VitConfig, batch: number, seed: number) {
  const random = createRandom(seed);
  const shape = [batch, imageSize.height, imageSize.width, channels] as [number, number, number, number];
  return { shape, values: Float32Array.from({ length: elementCount(shape) }, () => 4 * random() - 2) };
}
