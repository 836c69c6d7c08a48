import { VisionError } from "../../../../worker/contract/errors.ts";
import type { CaptionerShape } from "../../../../worker/training/captions/captioner-shape.ts";
import type { CaptionRecipe } from "./caption-recipe.ts";

/** `longest`: tokens. Throws `training-recipe` for measures that do not fit together. */
export function decoderShape(
  model: CaptionRecipe["model"],
  vocabularySize: number,
  features: number,
  longest: number,
): CaptionerShape {
  if (model.kind === "recurrent-captioner") {
    const { embeddingSize, hiddenSize, alignmentSize, alignment, output } = model;
    const config = {
      vocabularySize,
      featureSize: features,
      embeddingSize,
      hiddenSize,
      alignmentSize,
      alignment,
      output,
    };
    return { kind: "recurrent", config };
  }
  const { hiddenSize, layers, heads, intermediateSize, activation, normOrder, positions, tiedOutput } = model;
  if (hiddenSize % heads !== 0) {
    const message = `model.hiddenSize: wanted a multiple of ${heads} heads, got ${hiddenSize}`;
    throw new VisionError("training-recipe", message);
  }
  const measures = { hiddenSize, layers, heads, intermediateSize, activation, normOrder, positions, tiedOutput };
  const config = { vocabularySize, memorySize: features, layerNormEpsilon: 1e-5, maxPositions: longest, ...measures };
  return { kind: "transformer", config };
}
