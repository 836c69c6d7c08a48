import type { HostTensors } from "../contract/host-tensor.ts";
import { attentionCnnParameterShapes } from "../models/attention-cnn/parameters.ts";
import { assemble, type Assembly } from "./assemble.ts";
import type { DeclaredCaptioner } from "./config/captioner-config.ts";
import type { DeclaredAttentionCnn } from "./config/attention-cnn-config.ts";
import type { DeclaredVit } from "./config/declared-vit.ts";
import { toAttentionCnnConfig, toCaptionerConfig, toHuggingFaceConfig } from "./config/describe-config.ts";
import type { DeclaredModel } from "./config/declared-model.ts";
import { readLabelGroups } from "./config/label-groups.ts";
import { nameClasses, type DeclaredLabels } from "./config/labels.ts";
import {
  readRecipe,
  sizeByRecipe,
  sizeCaptionerByRecipe,
  tellsRecipe,
  type FolderConfig,
} from "./config/read-folder-config.ts";
import { HEADS_UNKNOWN, settleVit } from "./config/settle-vit.ts";
import { ATTENTION_CNN_NAMES } from "./names/attention-cnn-names.ts";
import { familyRecipe } from "./names/family-recipe.ts";
import type { FileNames } from "./names/file-names.ts";
import { vitNames } from "./names/vit-names.ts";
import { recogniseVit } from "./recognise-vit.ts";
import { settleCaptioner } from "./settle-captioner.ts";
import { vitShapesInFile } from "./vit-layout.ts";

/** Runs a step; a failure is noted by the caller and gives `null`. */
export type Attempt = <Result>(step: () => Result | Promise<Result>) => Promise<Result | null>;

/** How far a folder's config and weights could be brought together. */
export type Fit = {
  readonly type: DeclaredModel["type"];
  readonly names: FileNames;
  readonly config: Readonly<Record<string, unknown>> | null; // in the fields of a config.json
  readonly labels: readonly string[];
  readonly labelGroups: readonly (readonly number[])[];
  readonly notes: readonly string[]; // for people
  readonly assembly: Assembly | null;
};

const MOST_LABELS = 100_000; // a faulty config may claim any number of classes
const RECIPE_ASSUMED =
  "no preprocessor_config.json: pictures are squeezed to the model's size, and go from −1 to 1, as Hugging Face's ViT " +
  "takes them; many of timm's models were trained otherwise, so put their recipe beside the weights";
const recipeOf = (family: string): string =>
  `no preprocessor_config.json: pictures are prepared as ${family} prepares them for its own models`;

const LABELS_ASSUMED = "the files name no classes: 1,000 of them are taken to be ImageNet-1k's";

const NO_CLASSES = { labels: [], labelGroups: [], notes: [] };

/** As `openModel`, but past every fault. `null`: the names are no model's. */
export function fitModel(files: FolderConfig, tensors: HostTensors, attempt: Attempt): Promise<Fit | null> {
  const { model } = files;
  if (model.type === "vit") return fitVit(files, model.declared, tensors, attempt);
  if (model.type === "attention-cnn") return fitAttentionCnn(files, model.declared, tensors, attempt);
  return fitCaptioner(files, model.declared, tensors, attempt);
}

async function fitVit(
  files: FolderConfig,
  declared: DeclaredVit,
  tensors: HostTensors,
  attempt: Attempt,
): Promise<Fit | null> {
  const naming = await attempt(() => recogniseVit(tensors, files.config));
  if (!naming) return null;
  const settled = await attempt(() => settleVit(sizeByRecipe(files, declared), naming, tensors));
  const names = vitNames(naming, { pooler: settled?.config.pooler ?? false });
  if (!settled) return { type: "vit", names, config: null, ...NO_CLASSES, assembly: null };
  const { config, layout } = settled;
  const family = familyRecipe(naming.scheme, config);
  await attempt(() => readRecipe(files, config.imageSize, config.channels, family));
  const classes = await tellClasses(files, declared.labels, config.classes, attempt);
  const shapes = vitShapesInFile({ ...config, heads: config.heads ?? 1 }, layout); // no shape depends on the heads
  return {
    type: "vit",
    names,
    config: toHuggingFaceConfig(config, layout.layerScale),
    ...classes,
    notes: [
      ...(config.heads === null ? [HEADS_UNKNOWN] : []),
      ...classes.notes,
      ...(tellsRecipe(files) ? [] : [family ? recipeOf(names.title) : RECIPE_ASSUMED]),
    ],
    assembly: assemble(shapes, names, tensors),
  };
}

async function fitAttentionCnn(
  files: FolderConfig,
  { config, labels }: DeclaredAttentionCnn,
  tensors: HostTensors,
  attempt: Attempt,
): Promise<Fit> {
  await attempt(() => readRecipe(files, config.imageSize, config.channels));
  return {
    type: "attention-cnn",
    names: ATTENTION_CNN_NAMES,
    config: toAttentionCnnConfig(config),
    ...(await tellClasses(files, labels, config.classes, attempt)),
    assembly: assemble(attentionCnnParameterShapes(config), ATTENTION_CNN_NAMES, tensors),
  };
}

async function fitCaptioner(
  files: FolderConfig,
  declared: DeclaredCaptioner,
  tensors: HostTensors,
  attempt: Attempt,
): Promise<Fit | null> {
  const settled = await attempt(() => settleCaptioner(sizeCaptionerByRecipe(files, declared), tensors));
  if (!settled) return null;
  const { config, names, shapes } = settled;
  const { imageSize, channels } = config.encoder.config;
  await attempt(() => readRecipe(files, imageSize, channels));
  return {
    type: "captioner",
    names,
    config: toCaptionerConfig(config),
    ...NO_CLASSES,
    assembly: assemble(shapes, names, tensors),
  };
}

async function tellClasses(
  { config, assumedLabels }: FolderConfig,
  declared: DeclaredLabels,
  classes: number,
  attempt: Attempt,
): Promise<Pick<Fit, "labels" | "labelGroups" | "notes">> {
  if (classes > MOST_LABELS) return NO_CLASSES;
  const { labels, labelsAssumed } = nameClasses(declared, classes, assumedLabels);
  const labelGroups = (await attempt(() => readLabelGroups(config, labels))) ?? [];
  return { labels, labelGroups, notes: labelsAssumed ? [LABELS_ASSUMED] : [] };
}
