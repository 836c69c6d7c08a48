import type { Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import { elementCount } from "../../contract/host-tensor.ts";
import type { CaptionerDecoder } from "../../checkpoint/config/captioner-config.ts";
import type { OpenedCaptioner } from "../../checkpoint/open-model.ts";
import type { Speech } from "../../checkpoint/read-speech.ts";
import { buildRecurrent } from "../../models/captioner/build-recurrent.ts";
import { buildGpt2, buildTransformer } from "../../models/captioner/build-transformer.ts";
import { recurrentDecoder, transformerDecoder, type CaptionDecoder } from "../../models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../models/captioner/decoder-state.ts";
import { releaseRecurrent } from "../../models/captioner/recurrent-captioner.ts";
import { releaseTransformer } from "../../models/captioner/transformer-decoder.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import type { Pause } from "../device.ts";
import type { PlacedModel } from "../placed-model.ts";
import { gridOf } from "./grid-of.ts";

/** What a model needs in order to write. */
export type Writer = {
  readonly speech: Speech;
  readonly decoder: CaptionDecoder<DecoderState>;
  readonly prefix: number; // of the places it looks at, the first ones that are none of the photo's
  /** image `[B, height, width, channels]` → features `[B, L, C]`; both are the caller's. */
  readonly look: (image: Tensor4D, pause: Pause) => Promise<Tensor3D>;
};

/** A captioner on the device: otherwise it is its encoder. */
export type PlacedCaptioner = PlacedModel & { readonly writer: Writer };

/** Puts a captioner on the device; `placeEncoder` its encoder. The caller ends it with `release`. */
export async function placeCaptioner(
  { config, speech, parameters }: OpenedCaptioner,
  placeEncoder: () => Promise<PlacedModel>,
  read: ParameterReader,
  pause: Pause,
): Promise<PlacedCaptioner> {
  const { decoder: decoding, featurePooling: pooling, grid } = config;
  const placed = await placeEncoder();
  try {
    const { decoder, release } = await placeDecoder(decoding, read, pause);
    const { prefixTokens, parameters: encoderSize } = placed.facts;
    const shown = decoding.kind === "gpt2"; // a VisionEncoderDecoderModel's decoder looks at the class token too
    const layout = { grid, pooling, dropped: shown ? 0 : prefixTokens };
    const decoderSize = [...parameters]
      .filter(([name]) => !name.startsWith("encoder."))
      .reduce((sum, [, { shape }]) => sum + elementCount(shape), 0);
    return {
      ...placed,
      facts: { ...placed.facts, parameters: encoderSize + decoderSize, grid },
      writer: {
        speech,
        decoder,
        prefix: shown ? prefixTokens : 0,
        async look(image, pause) {
          const stages = await placed.run(image, { stages: ["last_hidden_state"], pause });
          return gridOf(stages.get("last_hidden_state")!, layout);
        },
      },
      release() {
        placed.release();
        release();
      },
    };
  } catch (error) {
    placed.release();
    throw error;
  }
}

type PlacedDecoder = { readonly decoder: CaptionDecoder<DecoderState>; readonly release: () => void };

async function placeDecoder(
  { kind, config }: CaptionerDecoder,
  read: ParameterReader,
  pause: Pause,
): Promise<PlacedDecoder> {
  const own: ParameterReader = (name) => read(`decoder.${name}`);
  if (kind === "recurrent") {
    const captioner = buildRecurrent(config, own);
    return { decoder: recurrentDecoder(captioner), release: () => releaseRecurrent(captioner) };
  }
  const decoder = await (kind === "gpt2" ? buildGpt2(config, read, pause) : buildTransformer(config, own, pause));
  return { decoder: transformerDecoder(decoder), release: () => releaseTransformer(decoder) };
}
