import { createHash } from "node:crypto";
import { VisionError } from "../../../../worker/contract/errors.ts";
import type { Size } from "../../../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../../../worker/contract/pixels.ts";
import type { Pause } from "../../../../worker/contract/turns.ts";
import { openModel } from "../../../../worker/checkpoint/open-model.ts";
import { featureGrid, featureSize, withClasses, type EncoderConfig } from "../../../../worker/models/encoder/config.ts";
import { encoderParameterShapes } from "../../../../worker/models/encoder/parameters.ts";
import type { Preprocessed } from "../../../../worker/image/preprocess.ts";
import { readFeatures } from "../../../../worker/runtime/captioner/read-features.ts";
import { placeModel } from "../../../../worker/runtime/placed/loaded-model.ts";
import { openModelFolder } from "../../../node/model-folder.ts";

/** A prepared picture → features `[L, C]`. */
export type Look = (picture: Preprocessed) => Promise<Float32Array>;

/** What reads the pictures, without its head; nothing is on a device yet. */
export type CaptionEncoder = {
  readonly encoder: EncoderConfig;
  readonly recipe: ImageRecipe;
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly grid: Size; // places the decoder looks at
  readonly shape: { readonly places: number; readonly width: number };
  readonly fingerprint: string; // of all that the features depend on beside the picture
  /** Puts it on the device. */
  readonly place: (pause: Pause) => Promise<{ readonly look: Look; readonly release: () => void }>;
};

/**
 * Throws what `openModel` throws, and `training-recipe` for a pooling that the features' rows and columns are no multiple of.
 */
export async function openCaptionEncoder(name: string, pooling: number): Promise<CaptionEncoder> {
  const folder = await openModelFolder(name);
  const opened = await openModel(folder);
  const encoder = withClasses(opened, 0);
  const full = featureGrid(encoder);
  if (full.width % pooling > 0 || full.height % pooling > 0) {
    const wanted = `a divisor of the encoder's ${full.height} × ${full.width} places`;
    throw new VisionError("training-recipe", `model.pooling: wanted ${wanted}, got ${pooling}`);
  }
  const grid: Size = { width: full.width / pooling, height: full.height / pooling };
  const parameters = new Map([...encoderParameterShapes(encoder).keys()].map((key) => [key, opened.read(key)]));
  const hash = createHash("sha256").update(JSON.stringify([encoder, opened.recipe, pooling]));
  for (const values of parameters.values()) hash.update(values);
  return {
    encoder,
    recipe: opened.recipe,
    parameters,
    grid,
    shape: { places: grid.width * grid.height, width: featureSize(encoder) },
    fingerprint: hash.digest("hex"),
    async place(pause) {
      const placed = await placeModel(0, folder, opened, undefined, pause);
      const layout = { grid, pooling, dropped: placed.facts.prefixTokens };
      return {
        look: (picture) => readFeatures(placed, picture, layout, pause),
        release: () => placed.release(),
      };
    },
  };
}
