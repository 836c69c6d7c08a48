import { dispose, tidy, type Tensor1D, type Tensor4D, type Variable } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { Random } from "../../contract/random.ts";
import { assembleAttentionCnn, type CnnReader } from "../../models/attention-cnn/assemble-attention-cnn.ts";
import { attentionCnnLogits, type CnnHooks } from "../../models/attention-cnn/attention-cnn-logits.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import { attentionCnnParameterShapes, isStatistic } from "../../models/attention-cnn/parameters.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import type { Adaptation } from "../anatomy.ts";
import { dropout, dropPath } from "../dropout.ts";
import { PlacedParameters } from "../placed-parameters.ts";
import type { Mode, TrainableModel } from "../trainable-model.ts";
import { attentionCnnAnatomy } from "./attention-cnn-anatomy.ts";
import { normaliseAndFollow, normaliseByRunning, placeStatistics } from "./map-normaliser.ts";

/**
 * An attention CNN that can learn. `read` gives the first values under the names of `attentionCnnParameterShapes`.
 * Throws `config-unsupported` for low-rank adapters.
 */
export function trainableAttentionCnn(
  config: AttentionCnnConfig,
  read: ParameterReader,
  adaptation: Adaptation,
  random: Random,
): TrainableModel {
  if (adaptation.kind === "lora") {
    const message = "LoRA adapts the query and value of a ViT; fine-tune a CNN's head, its last blocks, or all of it";
    throw new VisionError("config-unsupported", message);
  }
  const shapes = attentionCnnParameterShapes(config);
  const anatomy = attentionCnnAnatomy(config);
  const learnable = new Map([...shapes].filter(([name]) => !isStatistic(name)));
  const placed = new PlacedParameters(learnable, read, adaptation, anatomy, random);
  const statistics = placeStatistics(shapes.keys(), read);
  return {
    parameters: placed.learned,
    statistics,
    logits: (image, mode) =>
      tidy(() => {
        const cnn = assembleAttentionCnn(liveReader(mode, config, placed, statistics), config);
        return attentionCnnLogits(cnn, image, hooksIn(mode, anatomy.headDepth - 1));
      }),
    async read() {
      const values = await placed.values();
      for (const [name, statistic] of statistics) values.set(name, await statistic.data<"float32">());
      return values;
    },
    depthOf: anatomy.depthOf,
    dispose() {
      placed.dispose();
      dispose([...statistics.values()]);
    },
  };
}

/** A norm that does not learn keeps its running statistics in training, too: they belong to the layers in front of it. */
function liveReader(
  mode: Mode,
  { batchNormEpsilon: epsilon }: AttentionCnnConfig,
  placed: PlacedParameters,
  statistics: ReadonlyMap<string, Variable>,
): CnnReader {
  return {
    tensor: placed.read,
    convolution(conv, norm) {
      const [scale, shift] = [placed.read(`${norm}.weight`), placed.read(`${norm}.bias`)] as [Tensor1D, Tensor1D];
      const follows = mode.kind === "training" && placed.learned.has(`${norm}.weight`);
      const normalise = follows ? normaliseAndFollow : normaliseByRunning;
      return {
        weight: placed.read(`${conv}.weight`) as Tensor4D,
        bias: null,
        normalise: (map) => normalise(statistics, norm, { scale, shift, epsilon }, map),
      };
    },
  };
}

/** Stochastic depth grows along the blocks, from 0 at the first one (Huang et al. 2016). */
function hooksIn(mode: Mode, blocks: number): CnnHooks {
  if (mode.kind === "evaluation") return {};
  const { regularisation, random } = mode;
  const pathOf = (block: number): number =>
    blocks > 1 ? (regularisation.dropPath * block) / (blocks - 1) : regularisation.dropPath;
  return {
    weights: (weights) => dropout(weights, regularisation.attentionDropout, random),
    branch: (branch, block) => dropPath(branch, pathOf(block), random),
    features: (pooled) => dropout(pooled, regularisation.dropout, random),
  };
}
