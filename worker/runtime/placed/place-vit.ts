import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { ModelStage } from "../../contract/forward.ts";
import type { Pause } from "../../contract/turns.ts";
import type { EngineVit } from "../../explain/engine-vit.ts";
import { explainVit, readVitMatrix } from "../../explain/explain-vit.ts";
import { isOfItsSize } from "../../explain/is-of-its-size.ts";
import { measureVitHeads } from "../../explain/heads/measure-heads.ts";
import { readVitHeadRows } from "../../explain/heads/read-head-rows.ts";
import type { EncoderEngine } from "../../kernels/encoder-engine.ts";
import { buildVit } from "../../models/vit/build-vit.ts";
import { gridSize, gridSpan, prefixTokens, type VitConfig } from "../../models/vit/config.ts";
import { expectImage } from "../../models/vit/embed-image.ts";
import { fitPositions } from "../../models/vit/fit-positions.ts";
import { runVit } from "../../models/vit/run-vit.ts";
import { blocksNeeded, type VitStage } from "../../models/vit/stages.ts";
import { releaseVit, type Vit } from "../../models/vit/vit.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { ComposedModel } from "./composed-model.ts";
import { startEncoder, type Placing } from "./engines.ts";
import type { PlacedModel } from "./placed-model.ts";
import { runEngine } from "./run-engine.ts";

/**
 * Puts a ViT on the device: on the backend's own engine where it has one for this model, else composed of tensors. The
 * caller ends it with `release`.
 */
export async function placeVit(config: VitConfig, read: ParameterReader, placing: Placing): Promise<PlacedModel> {
  const fitted = fitPositions(config, read);
  const engine = await startEncoder(fitted.config, fitted.read, placing);
  const build = (pause?: Pause): Promise<Vit> => buildVit(config, read, pause);
  const composed = new ComposedModel({ build, release: releaseVit }, engine !== null);
  const vit = engine ? onEngine(engine, config, composed) : await composed.place(placing.there);
  return {
    facts: {
      inputSize: config.imageSize,
      grid: gridSize(config),
      gridSpan: gridSpan(config),
      layers: config.layers,
      heads: config.heads,
      prefixTokens: prefixTokens(config),
      hiddenStates: config.layers + 1,
      pooler: config.pooler,
    },
    channels: config.channels,
    run: async (image, run) => {
      expectImage(config, image, run.interpolate ?? false);
      const asked = new Map(run.stages.map((stage) => [toVitStage(stage), stage]));
      blocksNeeded(new Set(asked.keys()), config); // throws for what the model has not
      const vitRun = { ...run, stages: [...asked.keys()] };
      const answers =
        engine && isOfItsSize(config, image)
          ? await runEngine(engine, image, vitRun)
          : await composed.during(async () => runVit(await composed.build(run.pause), image, vitRun));
      return new Map([...answers].map(([stage, values]) => [asked.get(stage)!, values]));
    },
    explain: {
      map: (image, request, run) => composed.during(() => explainVit(vit, image, request, run)),
      matrix: (image, request, run) => composed.during(() => readVitMatrix(vit, image, request, run)),
      headRows: (image, request, run) => composed.during(() => readVitHeadRows(vit, image, request, run)),
      headFigures: (image, run) => composed.during(() => measureVitHeads(vit, image, run)),
    },
    warmUp: engine?.warmUp,
    release: () => {
      engine?.release();
      composed.release();
    },
  };
}

const onEngine = (engine: EncoderEngine, config: VitConfig, composed: ComposedModel<Vit>): EngineVit => ({
  config,
  compose: (pause) => composed.build(pause),
  async attentions(image, layers, pause, queries) {
    const stages = layers.map((layer): VitStage => `blocks.${layer}.attention`);
    const answers = await runEngine(engine, image, { stages, queries, pause });
    return stages.map((stage) => answers.get(stage) as Tensor4D);
  },
});

function toVitStage(stage: ModelStage): VitStage {
  if (stage === "last_hidden_state") return "encoded";
  const [name, index] = stage.split(".");
  if (name === "attentions") return `blocks.${Number(index)}.attention`;
  if (name === "hidden_states") return index === "0" ? "tokens" : `blocks.${Number(index) - 1}.output`;
  return stage as "pooled" | "pooler_output" | "logits";
}
