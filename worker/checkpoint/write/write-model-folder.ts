import { WEIGHTS_FILE } from "../weight-files.ts";
import type { WritableModel, WrittenDtype } from "./writable-model.ts";
import { writeConfig } from "./write-config.ts";
import { writeModelCard, type ModelCard } from "./write-model-card.ts";
import { writePreprocessor } from "./write-preprocessor.ts";
import { writeWeights } from "./write-weights.ts";

/**
 * The files of a model folder by name, in Hugging Face layout: `openModel` reads them back, and for a ViT transformers
 * does (`ViTForImageClassification`, `DeiTForImageClassification`, `DeiTForImageClassificationWithTeacher`, and
 * without a head `ViTModel` or `DeiTModel`, whose pooler is random there unless the model has one; DINOv2's where there are
 * registers, a head that reads patches, or positions for another size).
 *
 * Throws `config-unsupported` for a ViT without a form there, `config-malformed` for a recipe that does not fit the
 * model, `checkpoint-*` for parameters that do not, `invalid-argument` for labels that do not.
 */
export function writeModelFolder(
  model: WritableModel,
  card: ModelCard,
  dtype: WrittenDtype = "F32",
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const config = writeConfig(model, dtype);
  const preprocessor = writePreprocessor(model.recipe, model.config.imageSize, model.config.channels);
  const { file: weights, learned } = writeWeights(model, model.parameters, dtype);
  const figures = { parameters: learned, bytes: weights.length, dtype };
  return new Map([
    ["config.json", encodeJson(config)],
    ["preprocessor_config.json", encodeJson(preprocessor)],
    [WEIGHTS_FILE, weights],
    ["README.md", encodeText(writeModelCard(card, figures))],
  ]);
}

export const encodeJson = (value: unknown): Uint8Array<ArrayBuffer> =>
  encodeText(`${JSON.stringify(value, null, 2)}\n`);

export const encodeText = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
