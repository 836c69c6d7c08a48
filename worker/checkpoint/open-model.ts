import { VisionError } from "../contract/errors.ts";
import type { HostTensors } from "../contract/host-tensor.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { ImageRecipe } from "../contract/pixels.ts";
import type { CallOptions } from "../contract/progress.ts";
import type { VitConfig } from "../models/vit/config.ts";
import { vitParameterShapes } from "../models/vit/parameters.ts";
import { assemble } from "./assemble.ts";
import { nameClasses } from "./config/labels.ts";
import { readFolderConfig, readRecipe } from "./config/read-folder-config.ts";
import { settleVit, withHeads } from "./config/settle-vit.ts";
import { detectScheme, type FileNaming } from "./names/detect-scheme.ts";
import { expectWeights, readWeights, WEIGHTS_FILE } from "./read-weights.ts";
import { refuseFaults } from "./refuse-faults.ts";
import { sumUp } from "./sum-up-tensors.ts";

/** A model folder, read and checked; nothing is on a device yet. */
export type OpenedModel = {
  readonly type: "vit";
  readonly config: VitConfig;
  readonly recipe: ImageRecipe;
  readonly labels: string[]; // by class index; empty without a head
  readonly parameters: HostTensors; // the names and shapes of `vitParameterShapes(config)`, in the file's own precision
  readonly scheme: string; // whose names the file uses, for people
  readonly dtype: string; // "F32", "F16", "BF16", or "mixed"
  readonly weightBytes: number; // of the parameters, as the file holds them
  readonly rawConfig: unknown; // config.json as parsed; `null` where there is none
};

/**
 * Reads a model folder: config and recipe first (an unsupported model is refused before its weights are fetched), then
 * the weights, which must fit the config tensor by tensor.
 *
 * Throws `source-*`, `config-malformed`, `config-unsupported`, `safetensors-*`, `checkpoint-*`, or an `AbortError`.
 */
export async function openModel(folder: ModelFolder, options?: CallOptions): Promise<OpenedModel> {
  const files = await readFolderConfig(folder, options);
  if (files.page) {
    await expectWeights(folder, options);
    throw files.page;
  }
  const tensors = await readWeights(folder, options);
  const naming = detectScheme([...tensors.keys()]) ?? unknownNames(tensors);
  const config = withHeads(settleVit(files.declared, naming, tensors));
  const assembly = assemble(vitParameterShapes(config), naming, tensors);
  refuseFaults(assembly, naming, [...tensors.keys()], WEIGHTS_FILE);
  return {
    type: "vit",
    config,
    recipe: readRecipe(files, config.imageSize, config.channels),
    labels: nameClasses(files.declared.labels, config.classes),
    parameters: assembly.parameters,
    scheme: naming.scheme.title,
    ...sumUp(assembly.parameters),
    rawConfig: files.config,
  };
}

export function unknownNames(tensors: HostTensors): FileNaming {
  const some = [...tensors.keys()].slice(0, 3).join(", ") || "no tensors at all";
  throw new VisionError(
    "config-unsupported",
    `${WEIGHTS_FILE}: wanted a Vision Transformer under the names of Hugging Face, timm or torchvision, got ${some}`,
  );
}
