import { dispose } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import type { Preprocessed } from "../../image/preprocess.ts";
import { modelInput } from "../answers/model-answers.ts";
import type { PlacedModel } from "../placed/placed-model.ts";
import { readGrid, type FeatureLayout } from "./grid-of.ts";

/** A prepared picture → what a decoder would look at, `[L, C]`, on the host. Throws where the picture does not fit. */
export async function readFeatures(
  encoder: PlacedModel,
  { pixels, seen }: Preprocessed,
  layout: FeatureLayout,
  pause: Pause,
): Promise<Float32Array> {
  const image = modelInput(encoder, [{ pixels, seen, milliseconds: 0 }]);
  try {
    const stages = await encoder.run(image, { stages: ["last_hidden_state"], pause });
    const { values } = await readGrid(stages.get("last_hidden_state")!, layout);
    return values;
  } finally {
    dispose(image);
  }
}
