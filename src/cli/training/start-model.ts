import type { OpenedSplit } from "../../../datasets/open-split.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import type { Random } from "../../../worker/contract/random.ts";
import { openModel, type OpenedModel } from "../../../worker/checkpoint/open-model.ts";
import { featureSize, withClasses } from "../../../worker/models/encoder/config.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import { fitPositions } from "../../../worker/models/vit/fit-positions.ts";
import { openModelFolder } from "../../node/model-folder.ts";
import { measureColours } from "./measure-colours.ts";
import { HALF, newModel } from "./new-model.ts";
import type { RecipeModel } from "./recipe-file.ts";
import type { StartingModel } from "./starting-model.ts";

/**
 * The recipe's model with a head for the classes of these pictures. One that knows them all already keeps what its head knows of them.
 * Throws what `openModel` throws, `config-unsupported` for a model of pictures that are not RGB.
 */
export async function startModel(
  model: RecipeModel,
  { classes, pictures }: OpenedSplit,
  random: Random,
): Promise<StartingModel> {
  if (model.kind !== "start") {
    const normalisation = model.normalise === "data" ? await measureColours(pictures) : HALF;
    return newModel(model, classes, normalisation, random);
  }
  const opened = await openModel(await openModelFolder(model.from));
  const { channels } = opened.config;
  if (channels === 3) return withHeadFor(opened, model.from, classes);
  throw new VisionError("config-unsupported", `training: wanted a model of 3 channels, got one of ${channels}`);
}

function withHeadFor(opened: OpenedModel, name: string, classes: readonly string[]): StartingModel {
  const { recipe, rawConfig } = opened;
  const about = { name, recipe, rawConfig, labels: classes };
  const reader = headReader(opened, classes);
  const encoder = withClasses(opened, classes.length);
  if (opened.type === "attention-cnn" || encoder.type === "attention-cnn")
    return { ...about, ...encoder, read: reader };
  const { distillationHead, patchHead } = opened.config; // DeiT's second head and DINOv2's for patches learn, too
  const { config, read } = fitPositions({ ...encoder.config, distillationHead, patchHead }, reader);
  return { ...about, type: encoder.type, config, read };
}

/** Of each family, the layers whose rows are classes. */
const HEAD = /^(?:head|(?:(?:distillation|patch)_)?classifier)\.(weight|bias)$/;

/** A new head is all zeros: every class is equally likely until something is learned. */
function headReader(opened: OpenedModel, classes: readonly string[]): ParameterReader {
  const features = featureSize(opened);
  const rows = classes.map((label) => opened.labels.indexOf(label)); // of each class in the model's own head
  return (name) => {
    const part = HEAD.exec(name)?.[1];
    if (part === undefined) return opened.read(name);
    const width = part === "weight" ? features : 1;
    const head = new Float32Array(classes.length * width);
    if (rows.includes(-1)) return head;
    const known = opened.read(name);
    for (const [to, from] of rows.entries()) head.set(known.subarray(from * width, (from + 1) * width), to * width);
    return head;
  };
}
