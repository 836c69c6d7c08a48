import { tensor } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import type { EncoderBlock } from "../../layers/encoder-block.ts";
import type { ParameterReader, TensorReader } from "../../kernels/parameter-reader.ts";
import { keepParts } from "../parts.ts";
import { assembleBlock, assembleFrame } from "./assemble-vit.ts";
import type { VitConfig } from "./config.ts";
import { vitParameterShapes } from "./parameters.ts";
import { releaseVit, type Vit } from "./vit.ts";

/**
 * Puts a ViT's parameters (the names of `vitParameterShapes`) on the current backend. `pause` is awaited after every
 * block; throw from it to stop. The caller owns the model and ends it with `releaseVit`; whatever is thrown, no tensor
 * is left behind.
 */
export async function buildVit(config: VitConfig, read: ParameterReader, pause?: Pause): Promise<Vit> {
  const shapes = vitParameterShapes(config);
  const place: TensorReader = (name) => tensor(read(name), [...shapes.get(name)!]);
  const blocks: EncoderBlock[] = [];
  const vit: Vit = { ...keepParts(() => assembleFrame(place, config)), blocks };
  try {
    for (let layer = 0; layer < config.layers; layer++) {
      blocks.push(keepParts(() => assembleBlock(place, config, layer)));
      await pause?.();
    }
    return vit;
  } catch (error) {
    releaseVit(vit);
    throw error;
  }
}
