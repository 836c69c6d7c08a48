import { dispose, transpose, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../contract/errors.ts";
import { explainAttentionCnn, readAttentionCnnMatrix } from "../explain/explain-cnn.ts";
import { measureModule } from "../explain/measure-heads.ts";
import { readModuleRows } from "../explain/read-head-rows.ts";
import { releaseAttentionCnn } from "../models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../models/attention-cnn/build-attention-cnn.ts";
import { mapSize, type AttentionCnnConfig } from "../models/attention-cnn/config.ts";
import { parameterCount } from "../models/attention-cnn/parameters.ts";
import { runAttentionCnn } from "../models/attention-cnn/run-attention-cnn.ts";
import type { AttentionCnnStage } from "../models/attention-cnn/stages.ts";
import type { ParameterReader } from "../models/parameter-reader.ts";
import type { Pause } from "./device.ts";
import type { ModelFacts, ModelStage, PlacedModel } from "./placed-model.ts";

/** Puts an attention CNN on the device. The caller ends it with `release`. */
export async function placeAttentionCnn(
  config: AttentionCnnConfig,
  read: ParameterReader,
  pause: Pause,
): Promise<PlacedModel> {
  const cnn = await buildAttentionCnn(config, read, pause);
  return {
    facts: tellFacts(config),
    channels: config.channels,
    run: async (image, { stages, pause, interpolate }) => {
      const asked = new Map(stages.map((stage) => [toCnnStage(stage), stage]));
      const answers = await runAttentionCnn(cnn, image, { stages: [...asked.keys()], pause, anySize: interpolate });
      return new Map([...answers].map(([stage, tensor]) => [asked.get(stage)!, inPyTorchsOrder(stage, tensor)]));
    },
    explain: {
      map: (image, request, run) => explainAttentionCnn(cnn, image, request, run),
      matrix: (image, request, run) => readAttentionCnnMatrix(cnn, image, request, run),
      headRows: (image, request, run) => readModuleRows(cnn, image, request, run),
      headFigures: (image, run) => measureModule(cnn, image, run),
    },
    release: () => releaseAttentionCnn(cnn),
  };
}

/** The module is a layer with one head; its map is the grid, or the last map where there is no module. */
function tellFacts(config: AttentionCnnConfig): ModelFacts {
  const { attention, stages, imageSize } = config;
  const attentions = attention ? 1 : 0;
  return {
    parameters: parameterCount(config),
    inputSize: imageSize,
    grid: mapSize(config, attention?.afterStage ?? stages.length - 1),
    layers: attentions,
    heads: attentions,
    prefixTokens: 0,
    hiddenStates: stages.length + 1,
    pooler: false,
  };
}

function toCnnStage(stage: ModelStage): AttentionCnnStage {
  if (stage === "last_hidden_state") return "features";
  if (stage === "attentions.0") return "attention.weights";
  const [name, index] = stage.split(".");
  if (name === "hidden_states") return index === "0" ? "stem" : `stages.${Number(index) - 1}`;
  if (stage === "pooled" || stage === "logits") return stage;
  if (stage === "pooler_output")
    throw new VisionError("model-has-no-head", "An attention CNN has no pooler; ask for pooled.");
  throw new VisionError("invalid-argument", `${stage}: an attention CNN has one at most, attentions.0`);
}

/** A map `[B, H, W, C]` → `[B, C, H, W]`; other stages as they are. */
function inPyTorchsOrder(stage: AttentionCnnStage, tensor: Tensor): Tensor {
  if (tensor.rank !== 4 || stage === "attention.weights") return tensor;
  const turned = transpose(tensor as Tensor4D, [0, 3, 1, 2]);
  dispose(tensor);
  return turned;
}
