import type { EncoderConfig } from "../../models/encoder/config.ts";
import type { ModelId, ModelInfo } from "../../contract/api.ts";
import { elementCount } from "../../contract/host-tensor.ts";
import type { ModelFolder } from "../../contract/model-folder.ts";
import type { ImageRecipe } from "../../contract/pixels.ts";
import type { Precision } from "../../contract/precision.ts";
import type { CallOptions } from "../../contract/progress.ts";
import type { ExplainMethod } from "../../contract/explain-request.ts";
import type { OpenedCaptioner, OpenedModel } from "../../checkpoint/open-model.ts";
import { ENCODER } from "../../checkpoint/names/captioner-names.ts";
import type { AwaitParameters, ParameterReader } from "../../kernels/parameter-reader.ts";
import { placeCaptioner, type Writer } from "../captioner/place-captioner.ts";
import type { Placing } from "./engines.ts";
import { placeAttentionCnn } from "./place-attention-cnn.ts";
import { placeVit } from "./place-vit.ts";
import type { PlacedModel } from "./placed-model.ts";

/** A model on the device, with what it takes to feed it and to read its answer. */
export type LoadedModel = PlacedModel & {
  readonly info: ModelInfo;
  readonly recipe: ImageRecipe;
  readonly usualMethod: ExplainMethod; // what explains it unless asked otherwise
  readonly writer: Writer | null; // null: it cannot write
};

/**
 * Moves an opened checkpoint onto the device, one tensor after another; `there` is awaited before each block of them,
 * `precision`: of what a WebGL engine keeps there. The caller ends it with `release`.
 */
export async function placeModel(
  id: ModelId,
  folder: ModelFolder,
  opened: OpenedModel | OpenedCaptioner,
  onProgress: CallOptions["onProgress"],
  there: AwaitParameters,
  precision?: Precision,
): Promise<LoadedModel> {
  const {
    recipe,
    recipeAssumed,
    parameters,
    type,
    labels,
    labelsAssumed,
    labelGroups,
    scoring,
    dtype,
    weightBytes,
    learned,
  } = opened;
  const total = [...parameters.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  let loaded = 0;
  let tell = onProgress;
  const moveOn = (count: number): void => {
    loaded += count;
    tell?.({ stage: "prepare", loaded, total, file: null, fromCache: false });
  };
  const read = (name: string): Float32Array => {
    const values = opened.read(name);
    moveOn(values.length);
    return values;
  };
  const placed = await placeByType(opened, read, { there, precision });
  if (loaded < total) moveOn(total - loaded); // an engine may have no use for some of them
  tell = undefined; // what is read again, for another way to compute, is no loading
  const encoder = opened.type === "captioner" ? opened.config.encoder.type : opened.type;
  const { name, origin } = folder;
  const told = {
    name,
    origin,
    type,
    parameters: learned,
    weightBytes,
    dtype,
    labels,
    recipeAssumed,
    labelsAssumed,
    labelGroups,
    scoring,
  };
  return {
    writer: null,
    ...placed,
    recipe,
    usualMethod: encoder === "vit" ? "rollout" : placed.facts.layers > 0 ? "module" : "grad-cam",
    info: { id, ...told, ...placed.facts },
  };
}

/** The one place where the kinds of models part. */
function placeByType(
  opened: OpenedModel | OpenedCaptioner,
  read: ParameterReader,
  placing: Placing,
): Promise<PlacedModel & { readonly writer?: Writer }> {
  if (opened.type !== "captioner") return placeEncoder(opened, read, placing);
  const there: AwaitParameters = async (beginnings) =>
    (await placing.there(beginnings.map((name) => `${ENCODER}${name}`)))?.slice(ENCODER.length);
  const encoder = () => placeEncoder(opened.config.encoder, (name) => read(`${ENCODER}${name}`), { ...placing, there });
  return placeCaptioner(opened, encoder, read, placing.there);
}

const placeEncoder = (model: EncoderConfig, read: ParameterReader, placing: Placing): Promise<PlacedModel> =>
  model.type === "vit" ? placeVit(model.config, read, placing) : placeAttentionCnn(model.config, read, placing);
