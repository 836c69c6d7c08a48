import type { Scoring } from "../contract/api.ts";
import { VisionError } from "../contract/errors.ts";
import type { HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { ImageRecipe } from "../contract/pixels.ts";
import type { CallOptions } from "../contract/progress.ts";
import { attentionCnnParameterShapes } from "../models/attention-cnn/parameters.ts";
import type { EncoderConfig } from "../models/encoder/config.ts";
import type { VitConfig } from "../models/vit/config.ts";
import type { Until } from "./arriving-weights.ts";
import { assemble } from "./assemble.ts";
import type { DeclaredAttentionCnn } from "./config/attention-cnn-config.ts";
import type { DeclaredVit } from "./config/declared-vit.ts";
import { readLabelGroups } from "./config/label-groups.ts";
import type { DeclaredCaptioner } from "./config/captioner-config.ts";
import type { DeclaredEncoder } from "./config/declared-encoder.ts";
import { nameClasses, NO_LABELS, type DeclaredLabels } from "./config/labels.ts";
import {
  readFolderConfig,
  readRecipe,
  sizeByRecipe,
  sizeCaptionerByRecipe,
  tellsRecipe,
  type FolderConfig,
} from "./config/read-folder-config.ts";
import { readScoring } from "./config/scoring.ts";
import { settleVit, withHeads } from "./config/settle-vit.ts";
import { ATTENTION_CNN_NAMES } from "./names/attention-cnn-names.ts";
import { familyRecipe } from "./names/family-recipe.ts";
import type { FileNames } from "./names/file-names.ts";
import { vitNames } from "./names/vit-names.ts";
import { readSpeech, type Speech } from "./read-speech.ts";
import { expectWeights, openWeights } from "./read-weights.ts";
import { recogniseVit } from "./recognise-vit.ts";
import { refuseFaults } from "./refuse-faults.ts";
import { settleCaptioner, type CaptionerConfig } from "./settle-captioner.ts";
import { sumUp } from "./sum-up-tensors.ts";
import { plainReader, vitInFile, type InFile } from "./vit-layout.ts";

/** What every kind of model needs beside its config. */
type Checked = {
  readonly recipe: ImageRecipe;
  readonly recipeAssumed: boolean; // neither the files tell it, nor their names
  readonly labels: string[]; // by class index; empty without a head
  readonly labelsAssumed: boolean; // the files name none
  readonly labelGroups: number[][]; // classes that mean one thing to people
  readonly scoring: Scoring;
  readonly parameters: HostTensors; // all that the model reads of the file, in the file's own precision
  /** A parameter by its name in the model's own table, row-major. */
  readonly read: (name: string) => Float32Array;
  readonly scheme: string; // whose names the file uses, for people
  readonly dtype: string; // "F32", "F16", "BF16", or "mixed"
  readonly weightBytes: number; // of the parameters, as the file holds them
  readonly learned: number; // how many numbers the model learns
  readonly rawConfig: unknown; // config.json as parsed; `null` where there is none
};

/** The folder of a model that reads pictures, read and checked; nothing is on a device yet. */
export type OpenedModel = Checked & EncoderConfig;

/** The folder of one that writes as well; in its `parameters` an encoder's names stand behind `encoder.`. */
export type OpenedCaptioner = Checked & {
  readonly type: "captioner";
  readonly config: CaptionerConfig;
  readonly speech: Speech;
};

/** A model whose weights are still on their way. */
export type ArrivingModel = {
  readonly opened: OpenedModel | OpenedCaptioner;
  /** Resolves once all parameters are there whose names begin so; rejects where they will not come. */
  readonly until: (names: string) => Promise<void>;
};

export type OpenOptions = CallOptions & {
  /** Told what reads the pictures, as soon as the config has told; the weights are still to come. */
  readonly onDeclared?: ((encoder: DeclaredEncoder) => void) | undefined;
  /** Told once the header of the weights is there, where they come bit by bit; they may yet fail. */
  readonly onArriving?: ((model: ArrivingModel) => void) | undefined;
};

/** How the files of a model's folder are read and checked. */
export type OpenFiles = (options: OpenOptions) => Promise<OpenedModel | OpenedCaptioner>;

/**
 * Reads a model folder: config and recipe first (an unsupported model is refused before its weights are fetched), then
 * the weights, which must fit the config tensor by tensor; their header tells, so that a misfit is not fetched whole.
 *
 * Throws `source-*`, `config-malformed`, `config-unsupported`, `safetensors-*`, `checkpoint-*`, or an `AbortError`.
 */
export async function openAnyModel(folder: ModelFolder, options?: OpenOptions): Promise<OpenedModel | OpenedCaptioner> {
  const files = await readFiles(folder, options);
  const { model } = files;
  options?.onDeclared?.(model.type === "captioner" ? model.declared.encoder : model);
  if (model.type !== "captioner") return openEncoder(files, model, folder, options);
  const speech = await readSpeech(folder, model.declared, options);
  const open = (tensors: HostTensors) => openCaptioner(files, model.declared, speech, tensors);
  return openWeights(folder, options, open, tellArriving(options));
}

/** The same, and a captioner is `config-unsupported`. */
export async function openModel(folder: ModelFolder, options?: CallOptions): Promise<OpenedModel> {
  const files = await readFiles(folder, options);
  const { model } = files;
  if (model.type !== "captioner") return openEncoder(files, model, folder, options);
  const message = `${folder.origin}: wanted a model that reads pictures alone, got a captioner; take its encoder's own folder`;
  throw new VisionError("config-unsupported", message);
}

async function readFiles(folder: ModelFolder, options?: CallOptions): Promise<FolderConfig> {
  const files = await readFolderConfig(folder, options);
  if (!files.page) return files;
  await expectWeights(folder, options);
  throw files.page;
}

async function openEncoder(
  files: FolderConfig,
  model: DeclaredEncoder,
  folder: ModelFolder,
  options?: OpenOptions,
): Promise<OpenedModel> {
  const open = (tensors: HostTensors): OpenedModel =>
    model.type === "vit" ? openVit(files, model.declared, tensors) : openAttentionCnn(files, model.declared, tensors);
  return openWeights(folder, options, open, tellArriving(options));
}

const tellArriving =
  (options?: OpenOptions) =>
  (opened: OpenedModel | OpenedCaptioner, until: Until): void =>
    options?.onArriving?.({
      opened,
      until: (names) => until([...opened.parameters].filter(([name]) => name.startsWith(names)).map(([, it]) => it)),
    });

function openCaptioner(
  files: FolderConfig,
  declared: DeclaredCaptioner,
  speech: Speech,
  tensors: HostTensors,
): OpenedCaptioner {
  const { config, names, shapes, readerOf } = settleCaptioner(sizeCaptionerByRecipe(files, declared), tensors);
  const wanted = { config: config.encoder.config, labels: NO_LABELS, shapes, readerOf };
  return { type: "captioner", config, speech, ...check(files, tensors, names, wanted) };
}

function openVit(files: FolderConfig, declared: DeclaredVit, tensors: HostTensors): OpenedModel {
  const naming = recogniseVit(tensors, files.config);
  const settled = settleVit(sizeByRecipe(files, declared), naming, tensors);
  const config = withHeads(settled.config);
  const family = familyRecipe(naming.scheme, config);
  const wanted = { config, labels: declared.labels, family, ...vitInFile(config, settled.layout) };
  return { type: "vit", config, ...check(files, tensors, vitNames(naming, config), wanted) };
}

function openAttentionCnn(files: FolderConfig, declared: DeclaredAttentionCnn, tensors: HostTensors): OpenedModel {
  const { config } = declared;
  const wanted = { ...declared, shapes: attentionCnnParameterShapes(config), readerOf: plainReader };
  return { type: "attention-cnn", config, ...check(files, tensors, ATTENTION_CNN_NAMES, wanted) };
}

/** What the folder must hold. */
type Wanted = {
  readonly config: Pick<VitConfig, "imageSize" | "channels" | "classes">;
  readonly labels: DeclaredLabels;
  readonly family?: object | undefined; // its `pretrained_cfg` for the model
} & InFile;

function check(files: FolderConfig, tensors: HostTensors, names: FileNames, wanted: Wanted): Checked {
  const { config, labels, family, shapes, readerOf } = wanted;
  const assembly = assemble(shapes, names, tensors);
  refuseFaults(assembly, names, [...tensors.keys()]);
  const named = nameClasses(labels, config.classes, files.assumedLabels);
  return {
    recipe: readRecipe(files, config.imageSize, config.channels, family),
    recipeAssumed: !tellsRecipe(files) && !family,
    ...named,
    labelGroups: readLabelGroups(files.config, named.labels),
    scoring: readScoring(files.config, config.classes),
    parameters: assembly.parameters,
    read: readerOf(assembly.parameters),
    scheme: names.title,
    ...sumUp(assembly.parameters),
    rawConfig: files.config,
  };
}
