import type { Pause } from "../../contract/turns.ts";
import { blockShapes, type BlockShape } from "../../kernels/cnn-blocks.ts";
import type { ResidualBlock } from "../../layers/residual-block.ts";
import type { SpatialSelfAttention } from "../../layers/spatial-self-attention.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { releaseAttentionCnn, type AttentionCnn, type CnnStage } from "./attention-cnn.ts";
import { featureChannels, KERNEL_SIZE, type AttentionCnnConfig, type MapAttention } from "./config.ts";
import { keepParts } from "../parts.ts";
import { LayerReader } from "./read-layers.ts";

function readBlock(layers: LayerReader, config: AttentionCnnConfig, name: string, shape: BlockShape): ResidualBlock {
  const { inputs, outputs, stride, projected } = shape;
  const [first, second] = [
    { size: KERNEL_SIZE, inputs, outputs },
    { size: KERNEL_SIZE, inputs: outputs, outputs },
  ] as const;
  return {
    first: layers.convolution(`${name}.conv1`, `${name}.norm1`, first, stride),
    second: layers.convolution(`${name}.conv2`, `${name}.norm2`, second, 1),
    shortcut: projected
      ? layers.convolution(`${name}.shortcut.conv`, `${name}.shortcut.norm`, { size: 1, inputs, outputs }, stride)
      : null,
    activation: config.activation,
  };
}

function readAttention(layers: LayerReader, attention: MapAttention, channels: number): SpatialSelfAttention {
  const { innerChannels, scaled } = attention;
  return {
    query: layers.linear("attention.query", channels, innerChannels),
    key: layers.linear("attention.key", channels, innerChannels),
    value: layers.linear("attention.value", channels, innerChannels),
    output: layers.linear("attention.output", innerChannels, channels),
    gamma: layers.vector("attention.gamma"),
    scaled,
  };
}

function readStage(layers: LayerReader, config: AttentionCnnConfig, stage: number): CnnStage {
  const { stages, attention } = config;
  const blocks = blockShapes(config, stage).map((shape, index) =>
    readBlock(layers, config, `stages.${stage}.blocks.${index}`, shape),
  );
  const here = attention?.afterStage === stage;
  return { blocks, attention: here ? readAttention(layers, attention, stages[stage]!.channels) : null };
}

/**
 * Puts an attention CNN's parameters (the names of `attentionCnnParameterShapes`) on the current backend. `pause` is
 * awaited after every stage; throw from it to stop. The caller owns the model and ends it with `releaseAttentionCnn`;
 * whatever is thrown, no tensor is left behind.
 */
export async function buildAttentionCnn(
  config: AttentionCnnConfig,
  read: ParameterReader,
  pause?: Pause,
): Promise<AttentionCnn> {
  const layers = new LayerReader(read, config.batchNormEpsilon);
  const stages: CnnStage[] = [];
  const cnn: AttentionCnn = { config, ...keepParts(() => readEnds(layers, config)), stages };
  try {
    for (const stage of config.stages.keys()) {
      stages.push(keepParts(() => readStage(layers, config, stage)));
      await pause?.();
    }
    return cnn;
  } catch (error) {
    releaseAttentionCnn(cnn);
    throw error;
  }
}

/** What is before the stages and behind them. */
function readEnds(layers: LayerReader, config: AttentionCnnConfig): Pick<AttentionCnn, "stem" | "head"> {
  const stemShape = { size: KERNEL_SIZE, inputs: config.channels, outputs: config.stem.channels };
  return {
    stem: layers.convolution("stem.conv", "stem.norm", stemShape, config.stem.stride),
    head: config.classes > 0 ? layers.linear("head", featureChannels(config), config.classes) : null,
  };
}
