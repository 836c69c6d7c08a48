import { elementCount } from "../../contract/host-tensor.ts";
import { blockShapes } from "../../kernels/cnn-blocks.ts";
import { featureChannels, KERNEL_SIZE, type AttentionCnnConfig } from "./config.ts";

/** `[size, …]` of one parameter, in PyTorch's layout: Linear `[out, in]`, Conv2d `[out, in, height, width]`. */
type Shape = readonly number[];

/** Whether a tensor is batch normalisation's: measured in training, not learned. */
export const isStatistic = (name: string): boolean => /\.running_(mean|var)$/.test(name);

/**
 * Every tensor of an attention CNN and its shape, under the names of a PyTorch state dict. `num_batches_tracked`
 * of PyTorch's batch normalisation is not among them: no forward pass reads it.
 */
export function attentionCnnParameterShapes(config: AttentionCnnConfig): Map<string, Shape> {
  const shapes = new Map<string, Shape>();
  const convolution = (conv: string, norm: string, out: number, inputs: number, size: number): void => {
    shapes.set(`${conv}.weight`, [out, inputs, size, size]);
    for (const part of ["weight", "bias", "running_mean", "running_var"]) shapes.set(`${norm}.${part}`, [out]);
  };

  convolution("stem.conv", "stem.norm", config.stem.channels, config.channels, KERNEL_SIZE);
  for (const stage of config.stages.keys()) {
    for (const [index, { inputs, outputs, projected }] of blockShapes(config, stage).entries()) {
      const block = `stages.${stage}.blocks.${index}`;
      convolution(`${block}.conv1`, `${block}.norm1`, outputs, inputs, KERNEL_SIZE);
      convolution(`${block}.conv2`, `${block}.norm2`, outputs, outputs, KERNEL_SIZE);
      if (projected) convolution(`${block}.shortcut.conv`, `${block}.shortcut.norm`, outputs, inputs, 1);
    }
  }
  for (const [name, shape] of attentionShapes(config)) shapes.set(name, shape);
  if (config.classes > 0) {
    shapes.set("head.weight", [config.classes, featureChannels(config)]);
    shapes.set("head.bias", [config.classes]);
  }
  return shapes;
}

function attentionShapes({ attention, stages }: AttentionCnnConfig): [string, Shape][] {
  if (!attention) return [];
  const channels = stages[attention.afterStage]!.channels;
  const inner = attention.innerChannels;
  const pointwise = (name: string, out: number, inputs: number): [string, Shape][] => [
    [`attention.${name}.weight`, [out, inputs, 1, 1]],
    [`attention.${name}.bias`, [out]],
  ];
  return [
    ...["query", "key", "value"].flatMap((name) => pointwise(name, inner, channels)),
    ...pointwise("output", channels, inner),
    ["attention.gamma", [1]],
  ];
}

/** How many numbers an attention CNN learns. */
export const parameterCount = (config: AttentionCnnConfig): number =>
  [...attentionCnnParameterShapes(config)]
    .filter(([name]) => !isStatistic(name))
    .reduce((sum, [, shape]) => sum + elementCount(shape), 0);
