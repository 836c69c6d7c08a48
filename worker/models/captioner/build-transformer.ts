import { tensor } from "@tensorflow/tfjs-core";
import type { Shape } from "../../contract/host-tensor.ts";
import type { Pause } from "../../contract/turns.ts";
import type { DecoderBlock } from "../../layers/decoder-block.ts";
import type { ParameterReader, TensorReader } from "../../kernels/parameter-reader.ts";
import { assembleGpt2Block, assembleGpt2Frame } from "./assemble-gpt2.ts";
import { assembleTransformerBlock, assembleTransformerFrame } from "./assemble-transformer.ts";
import type { TransformerConfig } from "./config.ts";
import { keepParts } from "../parts.ts";
import { gpt2ParameterShapes, transformerParameterShapes } from "./parameters.ts";
import { releaseTransformer, type TransformerDecoder } from "./transformer-decoder.ts";

/** How a family of decoders calls its parameters, and how they become one. */
type Family = {
  readonly shapes: (config: TransformerConfig) => ReadonlyMap<string, Shape>;
  readonly frame: (read: TensorReader, config: TransformerConfig) => Omit<TransformerDecoder, "blocks">;
  readonly block: (read: TensorReader, config: TransformerConfig, layer: number) => DecoderBlock;
};

async function build(
  family: Family,
  config: TransformerConfig,
  read: ParameterReader,
  pause?: Pause,
): Promise<TransformerDecoder> {
  const shapes = family.shapes(config);
  const place: TensorReader = (name) => tensor(read(name), [...shapes.get(name)!]);
  const blocks: DecoderBlock[] = [];
  const decoder: TransformerDecoder = { ...keepParts(() => family.frame(place, config)), blocks };
  try {
    for (let layer = 0; layer < config.layers; layer++) {
      blocks.push(keepParts(() => family.block(place, config, layer)));
      await pause?.();
    }
    return decoder;
  } catch (error) {
    releaseTransformer(decoder);
    throw error;
  }
}

/**
 * Puts a Transformer captioner's parameters (the names of `transformerParameterShapes`) on the current backend. `pause`
 * is awaited after every block; throw from it to stop. The caller owns the decoder and ends it with
 * `releaseTransformer`; whatever is thrown, no tensor is left behind.
 */
export const buildTransformer = (
  config: TransformerConfig,
  read: ParameterReader,
  pause?: Pause,
): Promise<TransformerDecoder> =>
  build(
    { shapes: transformerParameterShapes, frame: assembleTransformerFrame, block: assembleTransformerBlock },
    config,
    read,
    pause,
  );

/** The same for a GPT-2 decoder with cross-attention (the names of `gpt2ParameterShapes`). */
export const buildGpt2 = (
  config: TransformerConfig,
  read: ParameterReader,
  pause?: Pause,
): Promise<TransformerDecoder> =>
  build({ shapes: gpt2ParameterShapes, frame: assembleGpt2Frame, block: assembleGpt2Block }, config, read, pause);
