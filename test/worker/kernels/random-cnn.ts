import { elementCount } from "../../../worker/contract/host-tensor.ts";
import { createRandom } from "../../../worker/contract/random.ts";
import type { AttentionCnnConfig } from "../../../worker/models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../../../worker/models/attention-cnn/parameters.ts";

/** A small attention CNN; what is given replaces its own. */
export const smallCnn = (settings: Partial<AttentionCnnConfig>): AttentionCnnConfig => ({
  imageSize: { width: 16, height: 16 },
  channels: 3,
  stem: { channels: 8, stride: 1 },
  stages: [
    { channels: 8, blocks: 2, stride: 2 },
    { channels: 12, blocks: 1, stride: 2 },
  ],
  activation: "relu",
  batchNormEpsilon: 1e-5,
  attention: { afterStage: 0, innerChannels: 8, scaled: true },
  classes: 10,
  ...settings,
});

/** Parameters drawn so that signals keep their size from layer to layer, and norms do something. */
export function drawCnnParameters(config: AttentionCnnConfig, seed: number): (name: string) => Float32Array {
  const random = createRandom(seed);
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of attentionCnnParameterShapes(config)) {
    const count = elementCount(shape);
    const isScale = /norm\.weight$|norm\d\.weight$|running_var$|gamma$/.test(name);
    const size = shape.length > 1 ? Math.sqrt((3 * shape[0]!) / count) : 0.5;
    values.set(
      name,
      Float32Array.from({ length: count }, () => (isScale ? 1 : 0) + (2 * random() - 1) * size),
    );
  }
  return (name) => values.get(name)!;
}

export function drawCnnImages({ imageSize, channels }: AttentionCnnConfig, batch: number, seed: number) {
  const random = createRandom(seed);
  const shape = [batch, imageSize.height, imageSize.width, channels] as [number, number, number, number];
  return { shape, values: Float32Array.from({ length: elementCount(shape) }, () => 4 * random() - 2) };
}
