import type { Random } from "../../contract/random.ts";
import type { BlockHooks } from "../../layers/encoder-block.ts";
import { assembleVit } from "../../models/vit/assemble-vit.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { vitParameterShapes } from "../../models/vit/parameters.ts";
import { vitLogits } from "../../models/vit/vit-logits.ts";
import { tidy } from "@tensorflow/tfjs-core";
import type { Adaptation } from "../anatomy.ts";
import { dropout, dropPath } from "../dropout.ts";
import { PlacedParameters } from "../placed-parameters.ts";
import type { Mode, TrainableModel } from "../trainable-model.ts";
import { vitAnatomy } from "./vit-anatomy.ts";

/** A ViT that can learn. `read` gives the first values under the names of `vitParameterShapes`. */
export function trainableVit(
  config: VitConfig,
  read: ParameterReader,
  adaptation: Adaptation,
  random: Random,
): TrainableModel {
  const anatomy = vitAnatomy(config);
  const placed = new PlacedParameters(vitParameterShapes(config), read, adaptation, anatomy, random);
  return {
    parameters: placed.learned,
    statistics: new Map(),
    logits: (image, mode) => tidy(() => vitLogits(assembleVit(placed.read, config), image, hooksIn(mode, config))),
    read: () => placed.values(),
    depthOf: anatomy.depthOf,
    dispose: () => placed.dispose(),
  };
}

/** Stochastic depth grows along the blocks, from 0 at the first one (Huang et al. 2016). */
function hooksIn(mode: Mode, { layers }: VitConfig): ((layer: number) => BlockHooks) | undefined {
  if (mode.kind === "evaluation") return undefined;
  const { regularisation, random } = mode;
  return (layer) => {
    const path = layers > 1 ? (regularisation.dropPath * layer) / (layers - 1) : regularisation.dropPath;
    return {
      weights: (weights) => dropout(weights, regularisation.attentionDropout, random),
      branch: (branch) => dropPath(dropout(branch, regularisation.dropout, random), path, random),
    };
  };
}
