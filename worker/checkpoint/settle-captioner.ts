import type { Size } from "../contract/geometry.ts";
import type { HostTensors } from "../contract/host-tensor.ts";
import { featureChannels, mapSize, type AttentionCnnConfig } from "../models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../models/attention-cnn/parameters.ts";
import {
  gpt2ParameterShapes,
  recurrentParameterShapes,
  transformerParameterShapes,
} from "../models/captioner/parameters.ts";
import { gridSize, type VitConfig } from "../models/vit/config.ts";
import type { Shape } from "../models/vit/parameters.ts";
import type { CaptionerDecoder, DeclaredCaptioner } from "./config/captioner-config.ts";
import { malformed } from "./config/check-json.ts";
import { settleVit, withHeads } from "./config/settle-vit.ts";
import { ATTENTION_CNN_NAMES } from "./names/attention-cnn-names.ts";
import { captionerNames, ENCODER, encoderTensors } from "./names/captioner-names.ts";
import type { FileNames } from "./names/file-names.ts";
import { vitNames } from "./names/vit-names.ts";
import { recogniseVit } from "./recognise-vit.ts";
import { plainReader, vitInFile, type InFile } from "./vit-layout.ts";

/** What reads the picture; it has no head. */
export type CaptionerEncoder =
  | { readonly type: "vit"; readonly config: VitConfig }
  | { readonly type: "attention-cnn"; readonly config: AttentionCnnConfig };

/** All that tells one captioner from another. */
export type CaptionerConfig = {
  readonly encoder: CaptionerEncoder;
  readonly decoder: CaptionerDecoder;
  readonly featurePooling: number; // 1: features as the encoder gives them
  readonly grid: Size; // places the decoder looks at
};

/** A captioner, and what its file must hold. */
export type SettledCaptioner = {
  readonly config: CaptionerConfig;
  readonly names: FileNames;
} & InFile; // an encoder's names with `ENCODER` in front

/**
 * A captioner of which everything is known. Throws `config-malformed` where its parts do not fit together, and what
 * `recogniseVit` and `settleVit` throw.
 */
export function settleCaptioner(declared: DeclaredCaptioner, tensors: HostTensors): SettledCaptioner {
  const { decoder, featurePooling } = declared;
  const alone = encoderTensors(tensors);
  const { encoder, names, features } = settleEncoder(declared, alone);
  expectWidth(decoder, features.width);
  return {
    config: { encoder, decoder, featurePooling, grid: poolGrid(features.grid, featurePooling) },
    names: captionerNames(names, alone),
    shapes: new Map([
      ...Array.from(features.shapes, ([name, shape]): [string, Shape] => [ENCODER + name, shape]),
      ...decoderShapes(decoder),
    ]),
    readerOf(parameters) {
      const read = features.readerOf(encoderTensors(parameters));
      const plain = plainReader(parameters);
      return (name) => (name.startsWith(ENCODER) ? read(name.slice(ENCODER.length)) : plain(name));
    },
  };
}

/** What an encoder gives, and what it is made of. */
type Features = { readonly width: number; readonly grid: Size } & InFile;

function settleEncoder({ encoder, encoderJson }: DeclaredCaptioner, tensors: HostTensors) {
  if (encoder.type === "attention-cnn") {
    const config = { ...encoder.declared.config, classes: 0 };
    const shapes = attentionCnnParameterShapes(config);
    const grid = mapSize(config, config.stages.length - 1);
    const features: Features = { width: featureChannels(config), grid, shapes, readerOf: plainReader };
    return { encoder: { type: encoder.type, config }, names: ATTENTION_CNN_NAMES, features };
  }
  const naming = recogniseVit(tensors, encoderJson);
  const headless = { ...encoder.declared, head: false, distillationHead: false };
  const settled = settleVit(headless, naming, tensors);
  const config = { ...withHeads(settled.config), pooler: false };
  const features: Features = {
    width: config.hiddenSize,
    grid: gridSize(config),
    ...vitInFile(config, settled.layout),
  };
  return { encoder: { type: encoder.type, config }, names: vitNames(naming, config), features };
}

function expectWidth({ kind, config }: CaptionerDecoder, width: number): void {
  const got = kind === "recurrent" ? config.featureSize : config.memorySize;
  if (got !== width) throw malformed("config.json", "decoder.feature_size", `the encoder's ${width} channels`, got);
}

function poolGrid({ width, height }: Size, pooling: number): Size {
  if (width % pooling > 0 || height % pooling > 0) {
    throw malformed(
      "config.json",
      "feature_pooling",
      `a divisor of the encoder's ${height} × ${width} places`,
      pooling,
    );
  }
  return { width: width / pooling, height: height / pooling };
}

/** Under the names of the file: ours stand behind `decoder.`, GPT-2's bring it. */
function decoderShapes(decoder: CaptionerDecoder): Iterable<[string, Shape]> {
  if (decoder.kind === "gpt2") return gpt2ParameterShapes(decoder.config);
  const shapes =
    decoder.kind === "recurrent"
      ? recurrentParameterShapes(decoder.config)
      : transformerParameterShapes(decoder.config);
  return Array.from(shapes, ([name, shape]) => [`decoder.${name}`, shape]);
}
