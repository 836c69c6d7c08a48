import { attentionCnnParameterShapes } from "../attention-cnn/parameters.ts";
import { vitParameterShapes, type Shape } from "../vit/parameters.ts";
import type { EncoderConfig } from "./config.ts";

/** Every parameter and its shape, under the names of the model's own table. */
export const encoderParameterShapes = (encoder: EncoderConfig): Map<string, Shape> =>
  encoder.type === "vit" ? vitParameterShapes(encoder.config) : attentionCnnParameterShapes(encoder.config);
