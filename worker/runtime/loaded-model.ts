import type { ModelId, ModelInfo } from "../contract/api.ts";
import { elementCount } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { ImageRecipe } from "../contract/pixels.ts";
import type { CallOptions } from "../contract/progress.ts";
import type { OpenedModel } from "../checkpoint/open-model.ts";
import { toFloat32 } from "../checkpoint/safetensors.ts";
import { buildVit } from "../models/vit/build-vit.ts";
import { gridSize, prefixTokens } from "../models/vit/config.ts";
import type { Vit } from "../models/vit/vit.ts";
import type { Pause } from "./device.ts";

/** A model on the device, with what it takes to feed it and to read its answer. */
export type LoadedModel = {
  readonly info: ModelInfo;
  readonly recipe: ImageRecipe;
  readonly vit: Vit;
};

/** Moves an opened checkpoint onto the device, one tensor after another. The caller ends it with `releaseVit`. */
export async function placeModel(
  id: ModelId,
  folder: ModelFolder,
  opened: OpenedModel,
  onProgress: CallOptions["onProgress"],
  pause: Pause,
): Promise<LoadedModel> {
  const { config, recipe, parameters } = opened;
  const total = [...parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  let loaded = 0;
  const read = (name: string): Float32Array => {
    const tensor = parameters.get(name)!; // openModel has checked that every parameter is there
    loaded += elementCount(tensor.shape);
    onProgress?.({ stage: "prepare", loaded, total, file: null, fromCache: false });
    return toFloat32(tensor);
  };
  const vit = await buildVit(config, read, pause);
  return { info: describe(id, folder, opened, total), recipe, vit };
}

function describe(id: ModelId, folder: ModelFolder, opened: OpenedModel, parameters: number): ModelInfo {
  const { config } = opened;
  return {
    id,
    name: folder.name,
    origin: folder.origin,
    type: opened.type,
    parameters,
    weightBytes: opened.weightBytes,
    dtype: opened.dtype,
    labels: opened.labels,
    inputSize: config.imageSize,
    grid: gridSize(config),
    layers: config.layers,
    heads: config.heads,
    prefixTokens: prefixTokens(config),
    pooler: config.pooler,
  };
}
