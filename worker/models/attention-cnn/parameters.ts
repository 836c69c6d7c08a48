import { elementCount } from "../../contract/host-tensor.ts";
import { blockShapes } from "../../kernels/cnn-blocks.ts";
import { ShapeTable } from "../shape-table.ts";
import { featureChannels, KERNEL_SIZE, type AttentionCnnConfig, type MapAttention } from "./config.ts";

/** Whether a tensor is batch normalisation's: measured in training, not learned. */
export const isStatistic = (name: string): boolean => /\.running_(mean|var)$/.test(name);

/**
 * Every tensor of an attention CNN and its shape, under the names of a PyTorch state dict. `num_batches_tracked`
 * of PyTorch's batch normalisation is not among them: no forward pass reads it.
 */
export function attentionCnnParameterShapes(config: AttentionCnnConfig): ShapeTable {
  const shapes = new ShapeTable();
  shapes.convolution("stem.conv", "stem.norm", config.stem.channels, config.channels, KERNEL_SIZE);
  for (const stage of config.stages.keys()) {
    for (const [index, { inputs, outputs, projected }] of blockShapes(config, stage).entries()) {
      const block = `stages.${stage}.blocks.${index}`;
      shapes.convolution(`${block}.conv1`, `${block}.norm1`, outputs, inputs, KERNEL_SIZE);
      shapes.convolution(`${block}.conv2`, `${block}.norm2`, outputs, outputs, KERNEL_SIZE);
      if (projected) shapes.convolution(`${block}.shortcut.conv`, `${block}.shortcut.norm`, outputs, inputs, 1);
    }
  }
  if (config.attention) addAttention(shapes, config.attention, config.stages[config.attention.afterStage]!.channels);
  if (config.classes > 0) shapes.linear("head", config.classes, featureChannels(config));
  return shapes;
}

/** The module's dense layers are 1×1 convolutions there. */
function addAttention(shapes: ShapeTable, { innerChannels: inner }: MapAttention, channels: number): void {
  const pointwise = (name: string, out: number, inputs: number): void => {
    shapes.set(`attention.${name}.weight`, [out, inputs, 1, 1]);
    shapes.set(`attention.${name}.bias`, [out]);
  };
  for (const name of ["query", "key", "value"]) pointwise(name, inner, channels);
  pointwise("output", channels, inner);
  shapes.set("attention.gamma", [1]);
}

/** How many numbers an attention CNN learns. */
export const parameterCount = (config: AttentionCnnConfig): number =>
  [...attentionCnnParameterShapes(config)]
    .filter(([name]) => !isStatistic(name))
    .reduce((sum, [, shape]) => sum + elementCount(shape), 0);
