import { dispose, transpose, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import type { ModelStage } from "../../contract/forward.ts";
import type { Pause } from "../../contract/turns.ts";
import type { EngineCnn } from "../../explain/engine-cnn.ts";
import { explainAttentionCnn, readAttentionCnnMatrix } from "../../explain/explain-cnn.ts";
import { isOfItsSize } from "../../explain/is-of-its-size.ts";
import { measureModule } from "../../explain/heads/measure-heads.ts";
import { readModuleRows } from "../../explain/heads/read-head-rows.ts";
import type { CnnEngine } from "../../kernels/cnn-engine.ts";
import { releaseAttentionCnn, type AttentionCnn } from "../../models/attention-cnn/attention-cnn.ts";
import { buildAttentionCnn } from "../../models/attention-cnn/build-attention-cnn.ts";
import { mapSize, type AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import { expectImage, runAttentionCnn } from "../../models/attention-cnn/run-attention-cnn.ts";
import { stagesNeeded, type AttentionCnnStage } from "../../models/attention-cnn/stages.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { ComposedModel } from "./composed-model.ts";
import { startCnn, type Placing } from "./engines.ts";
import type { ModelFacts, PlacedModel } from "./placed-model.ts";
import { runEngine } from "./run-engine.ts";

/**
 * Puts an attention CNN on the device: on the backend's own engine where it has one for this model, else composed of
 * tensors. The caller ends it with `release`.
 */
export async function placeAttentionCnn(
  config: AttentionCnnConfig,
  read: ParameterReader,
  placing: Placing,
): Promise<PlacedModel> {
  const engine = await startCnn(config, read, placing);
  const build = (pause?: Pause): Promise<AttentionCnn> => buildAttentionCnn(config, read, pause);
  const composed = new ComposedModel({ build, release: releaseAttentionCnn }, engine !== null);
  const cnn = engine ? onEngine(engine, config, composed) : await composed.place(placing.there);
  return {
    facts: tellFacts(config),
    channels: config.channels,
    run: async (image, { stages, pause, interpolate }) => {
      const asked = new Map(stages.map((stage) => [toCnnStage(stage), stage]));
      expectImage(config, image, interpolate);
      stagesNeeded(new Set(asked.keys()), config); // throws for what the model has not
      const run = { stages: [...asked.keys()], pause, anySize: interpolate };
      const answers =
        engine && isOfItsSize(config, image)
          ? await runEngine(engine, image, run)
          : await composed.during(async () => runAttentionCnn(await composed.build(pause), image, run));
      return new Map([...answers].map(([stage, tensor]) => [asked.get(stage)!, inPyTorchsOrder(stage, tensor)]));
    },
    explain: {
      map: (image, request, run) => composed.during(() => explainAttentionCnn(cnn, image, request, run)),
      matrix: (image, request, run) => composed.during(() => readAttentionCnnMatrix(cnn, image, request, run)),
      headRows: (image, request, run) => composed.during(() => readModuleRows(cnn, image, request, run)),
      headFigures: (image, run) => composed.during(() => measureModule(cnn, image, run)),
    },
    warmUp: engine?.warmUp,
    release: () => {
      engine?.release();
      composed.release();
    },
  };
}

const onEngine = (engine: CnnEngine, config: AttentionCnnConfig, composed: ComposedModel<AttentionCnn>): EngineCnn => ({
  config,
  compose: (pause) => composed.build(pause),
  async weights(image, pause) {
    const answers = await runEngine(engine, image, { stages: ["attention.weights"], pause });
    return answers.get("attention.weights") as Tensor4D;
  },
});

/** The module is a layer with one head; its map is the grid, or the last map where there is no module. */
function tellFacts(config: AttentionCnnConfig): ModelFacts {
  const { attention, stages, imageSize } = config;
  const attentions = attention ? 1 : 0;
  return {
    inputSize: imageSize,
    grid: mapSize(config, attention?.afterStage ?? stages.length - 1),
    gridSpan: imageSize,
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
