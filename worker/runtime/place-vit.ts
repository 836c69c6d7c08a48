import { tensor, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import { isOfItsSize, type EngineVit } from "../explain/engine-vit.ts";
import { explainVit, readVitMatrix } from "../explain/explain-vit.ts";
import { measureVitHeads } from "../explain/measure-heads.ts";
import { readVitHeadRows } from "../explain/read-head-rows.ts";
import type { EncoderEngine, EncoderRun } from "../kernels/encoder-engine.ts";
import { buildVit } from "../models/vit/build-vit.ts";
import { gridSize, prefixTokens, type VitConfig } from "../models/vit/config.ts";
import { expectImage } from "../models/vit/embed-image.ts";
import { parameterCount } from "../models/vit/parameters.ts";
import { runVit, type VitRun } from "../models/vit/run-vit.ts";
import { blocksNeeded, type VitStage } from "../models/vit/stages.ts";
import { releaseVit, type Vit } from "../models/vit/vit.ts";
import type { ParameterReader } from "../models/parameter-reader.ts";
import type { Pause } from "./device.ts";
import { startEngine } from "./encoder-engines.ts";
import type { ModelStage, PlacedModel } from "./placed-model.ts";

/**
 * Puts a ViT on the device: on the backend's own engine where it has one for this model, else composed of tensors. The
 * caller ends it with `release`.
 */
export async function placeVit(config: VitConfig, read: ParameterReader, pause: Pause): Promise<PlacedModel> {
  const engine = await startEngine(config, read, pause);
  const composed = new ComposedVit(config, read);
  /** What an engine leaves to tensors: its weights do not stay on the device twice. */
  const forOneCall = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work();
    } finally {
      if (engine) composed.release();
    }
  };
  const vit = engine ? onEngine(engine, config, composed) : await composed.build(pause);
  return {
    facts: {
      parameters: parameterCount(config),
      inputSize: config.imageSize,
      grid: gridSize(config),
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
      const vitRun = { ...run, stages: [...asked.keys()] };
      const answers =
        engine && isOfItsSize(config, image)
          ? await runEngine(engine, config, image, vitRun)
          : await forOneCall(async () => runVit(await composed.build(run.pause), image, vitRun));
      return new Map([...answers].map(([stage, values]) => [asked.get(stage)!, values]));
    },
    explain: {
      map: (image, request, run) => forOneCall(() => explainVit(vit, image, request, run)),
      matrix: (image, request, run) => forOneCall(() => readVitMatrix(vit, image, request, run)),
      headRows: (image, request, run) => forOneCall(() => readVitHeadRows(vit, image, request, run)),
      headFigures: (image, run) => forOneCall(() => measureVitHeads(vit, image, run)),
    },
    release: () => {
      engine?.release();
      composed.release();
    },
  };
}

/** A ViT made of tensors, while it is needed: an engine gives no gradients and takes no images of another size. */
class ComposedVit {
  #vit: Vit | null = null;

  constructor(
    readonly config: VitConfig,
    readonly read: ParameterReader,
  ) {}

  async build(pause?: Pause): Promise<Vit> {
    return (this.#vit ??= await buildVit(this.config, this.read, pause));
  }

  release(): void {
    if (this.#vit) releaseVit(this.#vit);
    this.#vit = null;
  }
}

const onEngine = (engine: EncoderEngine, config: VitConfig, composed: ComposedVit): EngineVit => ({
  config,
  compose: (pause) => composed.build(pause),
  async attentions(image, layers, pause, queries) {
    const stages = layers.map((layer): VitStage => `blocks.${layer}.attention`);
    const answers = await runEngine(engine, config, image, { stages, queries, pause });
    return stages.map((stage) => answers.get(stage) as Tensor4D);
  },
});

/** The same as `runVit`. */
async function runEngine(
  engine: EncoderEngine,
  config: VitConfig,
  image: Tensor4D,
  { stages, queries, pause }: VitRun & Pick<EncoderRun, "queries">,
): Promise<Map<VitStage, Tensor>> {
  blocksNeeded(new Set(stages), config); // throws for what the model has not
  const values = (await image.data()) as Float32Array;
  const answers = await engine.run({ shape: image.shape, values }, { stages, queries, pause });
  return new Map([...answers].map(([stage, array]) => [stage, tensor(array.values, [...array.shape])]));
}

function toVitStage(stage: ModelStage): VitStage {
  if (stage === "last_hidden_state") return "encoded";
  const [name, index] = stage.split(".");
  if (name === "attentions") return `blocks.${Number(index)}.attention`;
  if (name === "hidden_states") return index === "0" ? "tokens" : `blocks.${Number(index) - 1}.output`;
  return stage as "pooled" | "pooler_output" | "logits";
}
