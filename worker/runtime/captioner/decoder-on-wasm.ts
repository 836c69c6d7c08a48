import type { CaptionerDecoder } from "../../checkpoint/config/captioner-config.ts";
import type { DecoderEngine, TransformerPlan } from "../../kernels/decoder-engine.ts";
import { allOf, type AwaitParameters, type ParameterReader } from "../../kernels/parameter-reader.ts";
import { createWasmDecoder } from "../../kernels/wasm-decoder/create-wasm-decoder.ts";
import { placeRecurrent } from "../../kernels/wasm-decoder/place-recurrent.ts";
import { placeTransformer } from "../../kernels/wasm-decoder/place-transformer.ts";
import { GPT2_NAMES, TRANSFORMER_NAMES } from "../../kernels/wasm-decoder/transformer-names.ts";
import { recurrentWriter } from "../../kernels/wasm-decoder/write-recurrent.ts";
import { supportsWasmDecoder, transformerWriter } from "../../kernels/wasm-decoder/write-transformer.ts";
import { openKernels } from "../../kernels/wasm/kernels.ts";
import { sinusoidalPositions } from "../../layers/sinusoidal-positions.ts";

/**
 * A captioner's decoder on wasm, whichever backend its encoder runs on: a search wants its logits on the host after every
 * word, and a word is too little work for a GPU. null where the kernels cannot be had, or do not take the model.
 */
export async function decoderOnWasm(
  { kind, config }: CaptionerDecoder,
  read: ParameterReader,
  { there }: { readonly there: AwaitParameters },
  open = openKernels,
): Promise<DecoderEngine | null> {
  const kernels = await open().catch(() => null); // a page may refuse WebAssembly and still have a GPU
  if (!kernels) return null;
  if (kind === "recurrent") {
    return createWasmDecoder(kernels, async (machine) =>
      recurrentWriter(config, placeRecurrent(config, read, machine), machine),
    );
  }
  if (!supportsWasmDecoder(config)) return null;
  const names = kind === "gpt2" ? GPT2_NAMES : TRANSFORMER_NAMES;
  return createWasmDecoder(kernels, async (machine) => {
    const placed = await placeTransformer(config, names, withPositions(config, read), machine, allOf(there));
    return transformerWriter(config, placed, machine);
  });
}

/** Waves are in no file. */
const withPositions =
  ({ positions, maxPositions, hiddenSize }: TransformerPlan, read: ParameterReader): ParameterReader =>
  (name) =>
    positions === "sinusoidal" && name === TRANSFORMER_NAMES.positions
      ? sinusoidalPositions(maxPositions, hiddenSize)
      : read(name);
