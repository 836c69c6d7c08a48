import { attentionCnnParameterShapes } from "../attention-cnn/parameters.ts";
import type { ShapeTable } from "../shape-table.ts";
import { vitParameterShapes } from "../vit/parameters.ts";
import type { EncoderConfig } from "./config.ts";

/** Every parameter and its shape, under the names of the model's own table. */
export const encoderParameterShapes = (encoder: EncoderConfig): ShapeTable =>
  encoder.type === "vit" ? vitParameterShapes(encoder.config) : attentionCnnParameterShapes(encoder.config);
