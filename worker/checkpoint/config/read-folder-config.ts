import type { Size } from "../../contract/geometry.ts";
import type { ModelFolder } from "../../contract/model-folder.ts";
import type { ImageRecipe } from "../../contract/pixels.ts";
import type { CallOptions } from "../../contract/progress.ts";
import type { VisionError } from "../../contract/errors.ts";
import { isHtml } from "../recognise-wrong-file.ts";
import { assumeLabels } from "./assumed-labels.ts";
import type { DeclaredCaptioner } from "./captioner-config.ts";
import { isObject } from "./check-json.ts";
import { NO_CONFIG_FILE, readModelConfig, type DeclaredModel } from "./declared-model.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { defaultRecipe } from "./image-recipe.ts";
import { readPreprocessor, sizeAfterPreprocessor } from "./preprocessor-recipe.ts";
import { pageInPlaceOf, readJson } from "./read-json.ts";
import { pretrainedCfgOf, readPretrainedCfg } from "./timm-recipe.ts";

const CONFIG = "config.json";
const PREPROCESSOR = "preprocessor_config.json";

/** The two JSON files of a model folder, as far as they can be read without the weights. */
export type FolderConfig = {
  readonly config: unknown; // parsed; `null` where there is no such file
  readonly preprocessor: unknown;
  readonly model: DeclaredModel;
  readonly assumedLabels: readonly string[]; // of classes that no file names
  readonly page: VisionError | null; // a web page came in the place of config.json: whatever it tells is unknown
};

/**
 * A ViT that takes pictures of any size takes them in that of the preprocessor's, whatever size its positions are for.
 * Throws `config-malformed`.
 */
export function sizeByRecipe({ preprocessor }: FolderConfig, declared: DeclaredVit): DeclaredVit {
  const { positionSize } = declared;
  if (!positionSize || preprocessor === null) return declared;
  const { width, height } = sizeAfterPreprocessor(preprocessor, declared.imageSize ?? positionSize, PREPROCESSOR);
  return { ...declared, imageSize: { width, height } };
}

/** The same of what reads a captioner's pictures. */
export function sizeCaptionerByRecipe(files: FolderConfig, declared: DeclaredCaptioner): DeclaredCaptioner {
  const { encoder } = declared;
  if (encoder.type !== "vit") return declared;
  return { ...declared, encoder: { ...encoder, declared: sizeByRecipe(files, encoder.declared) } };
}

/** Throws `source-*`, `config-malformed` or `config-unsupported`; of two faulty files, what is wrong with the config. */
export async function readFolderConfig(folder: ModelFolder, options?: CallOptions): Promise<FolderConfig> {
  const reading = [CONFIG, PREPROCESSOR].map((path) => folder.read(path, options));
  const [first, second] = await Promise.allSettled(reading); // none goes on, and is kept, once the other is refused
  const bytes = told(first!);
  const page = bytes && isHtml(bytes) ? pageInPlaceOf(CONFIG) : null;
  const config = bytes && !page ? readJson(bytes, CONFIG) : undefined;
  const model = config === undefined ? NO_CONFIG_FILE : readModelConfig(config, CONFIG);
  const recipe = told(second!);
  const preprocessor = recipe ? readJson(recipe, PREPROCESSOR) : undefined;
  const assumedLabels = page ? [] : await assumeLabels(folder, model, options);
  return { config: config ?? null, preprocessor: preprocessor ?? null, model, assumedLabels, page };
}

function told<Value>(result: PromiseSettledResult<Value>): Value {
  if (result.status === "fulfilled") return result.value;
  throw result.reason;
}

/** Whether a folder says how pictures are to be prepared. */
export const tellsRecipe = ({ config, preprocessor }: FolderConfig): boolean =>
  preprocessor !== null || timmRecipeIn(config) !== null;

function timmRecipeIn(config: unknown): object | null {
  const cfg = isObject(config) ? pretrainedCfgOf(config) : null;
  return isObject(cfg) ? cfg : null;
}

/**
 * The preprocessor's recipe, else timm's, else that of the family (`familyRecipe`), else Hugging Face's default at the
 * model's size. Throws `config-malformed`.
 */
export function readRecipe(
  { config, preprocessor }: FolderConfig,
  imageSize: Size,
  channels: number,
  family?: object,
): ImageRecipe {
  if (preprocessor !== null) return readPreprocessor(preprocessor, imageSize, channels, PREPROCESSOR);
  const timm = timmRecipeIn(config) ?? family;
  if (timm) return readPretrainedCfg(timm, imageSize, channels, CONFIG);
  return defaultRecipe(imageSize, channels);
}
