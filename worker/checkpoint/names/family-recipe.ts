import type { NamingScheme, PreparedModel } from "./naming-scheme.ts";

/** A family's `pretrained_cfg` for a model; undefined where it has none, or the model takes no square colour pictures. */
export function familyRecipe({ pretrainedCfg }: NamingScheme, model: PreparedModel): object | undefined {
  const { imageSize, channels } = model;
  return channels === 3 && imageSize.width === imageSize.height ? pretrainedCfg?.(model) : undefined;
}
