import { explainVit, readVitMatrix } from "../explain/explain-vit.ts";
import { measureVitHeads } from "../explain/measure-heads.ts";
import { readVitHeadRows } from "../explain/read-head-rows.ts";
import { buildVit } from "../models/vit/build-vit.ts";
import { gridSize, prefixTokens, type VitConfig } from "../models/vit/config.ts";
import { parameterCount } from "../models/vit/parameters.ts";
import { runVit } from "../models/vit/run-vit.ts";
import type { VitStage } from "../models/vit/stages.ts";
import { releaseVit } from "../models/vit/vit.ts";
import type { ParameterReader } from "../models/parameter-reader.ts";
import type { Pause } from "./device.ts";
import type { ModelStage, PlacedModel } from "./placed-model.ts";

/** Puts a ViT on the device. The caller ends it with `release`. */
export async function placeVit(config: VitConfig, read: ParameterReader, pause: Pause): Promise<PlacedModel> {
  const vit = await buildVit(config, read, pause);
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
      const asked = new Map(run.stages.map((stage) => [toVitStage(stage), stage]));
      const answers = await runVit(vit, image, { ...run, stages: [...asked.keys()] });
      return new Map([...answers].map(([stage, tensor]) => [asked.get(stage)!, tensor]));
    },
    explain: {
      map: (image, request, run) => explainVit(vit, image, request, run),
      matrix: (image, request, run) => readVitMatrix(vit, image, request, run),
      headRows: (image, request, run) => readVitHeadRows(vit, image, request, run),
      headFigures: (image, run) => measureVitHeads(vit, image, run),
    },
    release: () => releaseVit(vit),
  };
}

function toVitStage(stage: ModelStage): VitStage {
  if (stage === "last_hidden_state") return "encoded";
  const [name, index] = stage.split(".");
  if (name === "attentions") return `blocks.${Number(index)}.attention`;
  if (name === "hidden_states") return index === "0" ? "tokens" : `blocks.${Number(index) - 1}.output`;
  return stage as "pooled" | "pooler_output" | "logits";
}
