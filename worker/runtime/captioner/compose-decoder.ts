import type { Pause } from "../../contract/turns.ts";
import type { CaptionerDecoder } from "../../checkpoint/config/captioner-config.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { buildRecurrent } from "../../models/captioner/build-recurrent.ts";
import { buildGpt2, buildTransformer } from "../../models/captioner/build-transformer.ts";
import { recurrentDecoder, transformerDecoder, type CaptionDecoder } from "../../models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../models/captioner/decoder-state.ts";
import { releaseRecurrent } from "../../models/captioner/recurrent-captioner.ts";
import { releaseTransformer } from "../../models/captioner/transformer-decoder.ts";

type ComposedDecoder = { readonly decoder: CaptionDecoder<DecoderState>; readonly release: () => void };

/** A decoder composed of tensors on the device. The caller ends it with `release`. */
export async function composeDecoder(
  { kind, config }: CaptionerDecoder,
  read: ParameterReader,
  pause: Pause,
): Promise<ComposedDecoder> {
  if (kind === "recurrent") {
    const captioner = buildRecurrent(config, read);
    return { decoder: recurrentDecoder(captioner), release: () => releaseRecurrent(captioner) };
  }
  const decoder = await (kind === "gpt2" ? buildGpt2 : buildTransformer)(config, read, pause);
  return { decoder: transformerDecoder(decoder), release: () => releaseTransformer(decoder) };
}
