import type { ImageRecipe } from "../../../worker/contract/pixels.ts";
import type { Random } from "../../../worker/contract/random.ts";
import type { ParameterReader } from "../../../worker/kernels/parameter-reader.ts";
import type { EncoderConfig } from "../../../worker/models/encoder/config.ts";
import { encoderParameterShapes } from "../../../worker/models/encoder/parameters.ts";
import type { Adaptation } from "../../../worker/training/anatomy.ts";
import { trainableAttentionCnn } from "../../../worker/training/attention-cnn/trainable-attention-cnn.ts";
import type { TrainableModel } from "../../../worker/training/trainable-model.ts";
import { trainableVit } from "../../../worker/training/vit/trainable-vit.ts";

/** What training starts from; nothing is on a device yet. */
export type StartingModel = EncoderConfig & {
  readonly name: string;
  readonly recipe: ImageRecipe;
  readonly labels: readonly string[];
  readonly rawConfig: unknown; // config.json it came from, parsed; null for a new model
  readonly read: ParameterReader; // its first values
};

/** Puts it on the current backend; the caller disposes it. */
export const placeTrainable = (start: StartingModel, adaptation: Adaptation, random: Random): TrainableModel =>
  start.type === "vit"
    ? trainableVit(start.config, start.read, adaptation, random)
    : trainableAttentionCnn(start.config, start.read, adaptation, random);

/** All its first values by name. */
export const firstValues = (start: StartingModel): Map<string, Float32Array> =>
  new Map([...encoderParameterShapes(start).keys()].map((name) => [name, start.read(name)]));
