import type { ModelId, ModelInfo } from "../contract/api.ts";
import { elementCount } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { ImageRecipe } from "../contract/pixels.ts";
import type { CallOptions } from "../contract/progress.ts";
import type { OpenedModel } from "../checkpoint/open-model.ts";
import { toFloat32 } from "../checkpoint/safetensors.ts";
import type { ParameterReader } from "../models/parameter-reader.ts";
import type { Pause } from "./device.ts";
import { placeAttentionCnn } from "./place-attention-cnn.ts";
import { placeVit } from "./place-vit.ts";
import type { PlacedModel } from "./placed-model.ts";

/** A model on the device, with what it takes to feed it and to read its answer. */
export type LoadedModel = PlacedModel & {
  readonly info: ModelInfo;
  readonly recipe: ImageRecipe;
};

/** Moves an opened checkpoint onto the device, one tensor after another. The caller ends it with `release`. */
export async function placeModel(
  id: ModelId,
  folder: ModelFolder,
  opened: OpenedModel,
  onProgress: CallOptions["onProgress"],
  pause: Pause,
): Promise<LoadedModel> {
  const { recipe, parameters, type, labels, labelGroups, dtype, weightBytes } = opened;
  const total = [...parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  let loaded = 0;
  const read = (name: string): Float32Array => {
    const tensor = parameters.get(name)!; // openModel has checked that every parameter is there
    loaded += elementCount(tensor.shape);
    onProgress?.({ stage: "prepare", loaded, total, file: null, fromCache: false });
    return toFloat32(tensor);
  };
  const placed = await placeByType(opened, read, pause);
  const { name, origin } = folder;
  const told = { name, origin, type, weightBytes, dtype, labels, labelGroups };
  return { ...placed, recipe, info: { id, ...told, ...placed.facts } };
}

/** The one place where the kinds of models part. */
const placeByType = (opened: OpenedModel, read: ParameterReader, pause: Pause): Promise<PlacedModel> =>
  opened.type === "vit" ? placeVit(opened.config, read, pause) : placeAttentionCnn(opened.config, read, pause);
