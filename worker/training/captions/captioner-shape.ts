import type { RecurrentConfig, TransformerConfig } from "../../models/captioner/config.ts";
import { recurrentParameterShapes, transformerParameterShapes } from "../../models/captioner/parameters.ts";
import type { ShapeTable } from "../../models/shape-table.ts";

/** Which decoder is to learn. */
export type CaptionerShape =
  | { readonly kind: "recurrent"; readonly config: RecurrentConfig }
  | { readonly kind: "transformer"; readonly config: TransformerConfig };

/** Names and shapes of its parameters. */
export const captionerShapes = (shape: CaptionerShape): ShapeTable =>
  shape.kind === "recurrent" ? recurrentParameterShapes(shape.config) : transformerParameterShapes(shape.config);
