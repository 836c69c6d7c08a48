import type { Size } from "../contract/geometry.ts";
import type { HostTensors, Shape } from "../contract/host-tensor.ts";
import { attentionCnnParameterShapes } from "../models/attention-cnn/parameters.ts";
import {
  gpt2ParameterShapes,
  recurrentParameterShapes,
  transformerParameterShapes,
} from "../models/captioner/parameters.ts";
import { featureGrid, featureSize, type EncoderConfig } from "../models/encoder/config.ts";
import type { CaptionerDecoder, DeclaredCaptioner } from "./config/captioner-config.ts";
import { malformed } from "./config/check-json.ts";
import { settleVit, withHeads } from "./config/settle-vit.ts";
import { ATTENTION_CNN_NAMES } from "./names/attention-cnn-names.ts";
import { captionerNames, ENCODER, encoderTensors } from "./names/captioner-names.ts";
import type { FileNames } from "./names/file-names.ts";
import { vitNames } from "./names/vit-names.ts";
import { recogniseVit } from "./recognise-vit.ts";
import { plainReader, vitInFile, type InFile } from "./vit-layout.ts";

/** All that tells one captioner from another. */
export type CaptionerConfig = {
  readonly encoder: EncoderConfig; // without a head
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
  const { encoder, names, inFile } = settleEncoder(declared, alone);
  expectWidth(decoder, featureSize(encoder));
  return {
    config: { encoder, decoder, featurePooling, grid: poolGrid(featureGrid(encoder), featurePooling) },
    names: captionerNames(names, alone),
    shapes: new Map([
      ...Array.from(inFile.shapes, ([name, shape]): [string, Shape] => [ENCODER + name, shape]),
      ...decoderShapes(decoder),
    ]),
    readerOf(parameters) {
      const read = inFile.readerOf(encoderTensors(parameters));
      const plain = plainReader(parameters);
      return (name) => (name.startsWith(ENCODER) ? read(name.slice(ENCODER.length)) : plain(name));
    },
  };
}

/** The reader of pictures as a captioner has it: without a head. */
type SettledEncoder = { readonly encoder: EncoderConfig; readonly names: FileNames; readonly inFile: InFile };

function settleEncoder({ encoder, encoderJson }: DeclaredCaptioner, tensors: HostTensors): SettledEncoder {
  if (encoder.type === "attention-cnn") {
    const config = { ...encoder.declared.config, classes: 0 };
    const inFile = { shapes: attentionCnnParameterShapes(config), readerOf: plainReader };
    return { encoder: { type: encoder.type, config }, names: ATTENTION_CNN_NAMES, inFile };
  }
  const naming = recogniseVit(tensors, encoderJson);
  const headless = { ...encoder.declared, head: false, distillationHead: false };
  const settled = settleVit(headless, naming, tensors);
  const config = { ...withHeads(settled.config), pooler: false };
  const inFile = vitInFile(config, settled.layout);
  return { encoder: { type: encoder.type, config }, names: vitNames(naming, config), inFile };
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
