import type { Tensor4D } from "@tensorflow/tfjs-core";
import type { HostArray } from "../../contract/forward.ts";
import type { Pause } from "../../contract/turns.ts";
import type { CaptionerDecoder } from "../../checkpoint/config/captioner-config.ts";
import type { OpenedCaptioner } from "../../checkpoint/open-model.ts";
import type { Speech } from "../../checkpoint/read-speech.ts";
import type { HostDecoder } from "../../kernels/decoder-engine.ts";
import { allOf, type AwaitParameters, type ParameterReader } from "../../kernels/parameter-reader.ts";
import { hostDecoder } from "../../models/captioner/host-decoder.ts";
import { startDecoder } from "../placed/engines.ts";
import type { PlacedModel } from "../placed/placed-model.ts";
import { composeDecoder } from "./compose-decoder.ts";
import { readGrid } from "./grid-of.ts";

/** What a model needs in order to write. */
export type Writer = {
  readonly speech: Speech;
  readonly decoder: HostDecoder;
  readonly prefix: number; // of the places it looks at, the first ones that are none of the photo's
  /** image `[B, height, width, channels]`, which stays the caller's → features `[B, L, C]`. */
  readonly look: (image: Tensor4D, pause: Pause) => Promise<HostArray>;
};

/** A captioner on the device: otherwise it is its encoder. */
export type PlacedCaptioner = PlacedModel & { readonly writer: Writer };

/** Puts a captioner on the device; `placeEncoder` its encoder. The caller ends it with `release`. */
export async function placeCaptioner(
  { config, speech }: OpenedCaptioner,
  placeEncoder: () => Promise<PlacedModel>,
  read: ParameterReader,
  there: AwaitParameters,
): Promise<PlacedCaptioner> {
  const { decoder: decoding, featurePooling: pooling, grid } = config;
  const placed = await placeEncoder();
  try {
    const { decoder, release } = await placeDecoder(decoding, read, there);
    const { prefixTokens } = placed.facts;
    const shown = decoding.kind === "gpt2"; // a VisionEncoderDecoderModel's decoder looks at the class token too
    const layout = { grid, pooling, dropped: shown ? 0 : prefixTokens };
    return {
      ...placed,
      facts: { ...placed.facts, grid },
      writer: {
        speech,
        decoder,
        prefix: shown ? prefixTokens : 0,
        async look(image, pause) {
          const stages = await placed.run(image, { stages: ["last_hidden_state"], pause });
          return readGrid(stages.get("last_hidden_state")!, layout);
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

type PlacedDecoder = { readonly decoder: HostDecoder; readonly release: () => void };

/** On the engine of its own where there is one for it, else composed of tensors. */
async function placeDecoder(
  decoding: CaptionerDecoder,
  read: ParameterReader,
  there: AwaitParameters,
): Promise<PlacedDecoder> {
  const all = allOf(there);
  await all();
  const own: ParameterReader = decoding.kind === "gpt2" ? read : (name) => read(`decoder.${name}`);
  const engine = await startDecoder(decoding, own, { there });
  if (engine) return engine;
  const { decoder, release } = await composeDecoder(decoding, own, all);
  return { decoder: hostDecoder(decoder), release };
}
