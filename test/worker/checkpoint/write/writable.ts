import { readAttentionCnnConfig } from "../../../../worker/checkpoint/config/attention-cnn-config.ts";
import { openModel } from "../../../../worker/checkpoint/open-model.ts";
import type { ModelCard } from "../../../../worker/checkpoint/write/write-model-card.ts";
import type { WritableModel } from "../../../../worker/checkpoint/write/writable-model.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import { readSafetensors, writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";
import { attentionCnnParameterShapes } from "../../../../worker/models/attention-cnn/parameters.ts";
import { vitParameterShapes } from "../../../../worker/models/vit/parameters.ts";
import { goldenFile } from "../../../setup/golden.ts";
import { memoryFolder } from "../scheme-folder.ts";

export const CARD: ModelCard = {
  name: "tiny",
  summary: "For tests.",
  data: "noise",
  dataLicence: "CC0",
  recipe: "None: random weights.",
  accuracy: null,
  limits: "It knows nothing.",
};

export async function openWritable(folder: ModelFolder): Promise<WritableModel> {
  const model = await openModel(folder);
  const shapes = model.type === "vit" ? vitParameterShapes(model.config) : attentionCnnParameterShapes(model.config);
  const parameters = new Map([...shapes.keys()].map((name) => [name, model.read(name)]));
  return { ...model, parameters };
}

/** One attention CNN of test/golden/attention-cnn as a model folder: all of them share their weights. */
export async function attentionCnnFolder(variant: string): Promise<ModelFolder> {
  const json = await goldenFile("attention-cnn/variants.json");
  const config = (JSON.parse(new TextDecoder().decode(json!)) as Record<string, unknown>)[variant];
  const wanted = attentionCnnParameterShapes(readAttentionCnnConfig(config).config);
  const weights = readSafetensors((await goldenFile("attention-cnn/weights.safetensors"))!);
  const tensors = new Map([...weights].filter(([name]) => wanted.has(name)));
  return memoryFolder({ "config.json": config, "model.safetensors": writeSafetensors(tensors) }, variant);
}
