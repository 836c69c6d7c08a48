import type { HostTensor, Shape } from "../../contract/host-tensor.ts";
import type { ImageRecipe } from "../../contract/pixels.ts";
import { recurrentParameterShapes, transformerParameterShapes } from "../../models/captioner/parameters.ts";
import { writeVocabulary } from "../../text/vocabulary.ts";
import { toCaptionerConfig } from "../config/describe-config.ts";
import { ENCODER } from "../names/captioner-names.ts";
import { WEIGHTS_FILE } from "../weight-files.ts";
import { readSafetensors } from "../safetensors/read-safetensors.ts";
import { writeSafetensors } from "../safetensors/write-safetensors.ts";
import type { CaptionerConfig } from "../settle-captioner.ts";
import type { WrittenDtype } from "./writable-model.ts";
import { TORCH_DTYPES } from "./write-config.ts";
import { writeModelCard, type ModelCard } from "./write-model-card.ts";
import { encodeJson, encodeText } from "./write-model-folder.ts";
import { writePreprocessor } from "./write-preprocessor.ts";
import { encodeParameter, expectParameter, writeWeights } from "./write-weights.ts";

/** One of our own decoders. */
type OwnDecoder = CaptionerConfig["decoder"] & { readonly kind: "recurrent" | "transformer" };

/** A captioner of our own as it is written. */
export type WritableCaptioner = {
  readonly config: CaptionerConfig & { readonly decoder: OwnDecoder }; // its encoder has no head
  readonly recipe: ImageRecipe;
  readonly words: readonly string[]; // of `buildVocabulary`
  readonly encoder: ReadonlyMap<string, Float32Array>; // parameters by the names of the encoder's own table
  readonly decoder: ReadonlyMap<string, Float32Array>; // by the names of the decoder's
};

/**
 * The files of a captioner's folder by name: `openAnyModel` reads them back. Throws as `writeModelFolder` does for what
 * does not fit.
 */
export function writeCaptionerFolder(
  { config, recipe, words, encoder, decoder }: WritableCaptioner,
  card: ModelCard,
  dtype: WrittenDtype,
): ReadonlyMap<string, Uint8Array<ArrayBuffer>> {
  const { imageSize, channels } = config.encoder.config;
  const reading = writeWeights(config.encoder, encoder, dtype);
  const tensors = new Map<string, HostTensor>();
  for (const [name, tensor] of readSafetensors(reading.file)) tensors.set(ENCODER + name, tensor);
  let learned = reading.learned;
  for (const [name, size] of shapesOf(config.decoder)) {
    const values = expectParameter(name, size, decoder.get(name));
    tensors.set(`decoder.${name}`, encodeParameter(name, size, values, dtype));
    learned += values.length;
  }
  const weights = writeSafetensors(tensors, { format: "pt" });
  return new Map([
    ["config.json", encodeJson({ ...toCaptionerConfig(config), torch_dtype: TORCH_DTYPES[dtype] })],
    ["preprocessor_config.json", encodeJson(writePreprocessor(recipe, imageSize, channels))],
    ["vocabulary.json", encodeJson(writeVocabulary(words))],
    [WEIGHTS_FILE, weights],
    ["README.md", encodeText(writeModelCard(card, { parameters: learned, bytes: weights.length, dtype }))],
  ]);
}

const shapesOf = ({ kind, config }: OwnDecoder): ReadonlyMap<string, Shape> =>
  kind === "recurrent" ? recurrentParameterShapes(config) : transformerParameterShapes(config);
