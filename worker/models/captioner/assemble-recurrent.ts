import { transpose, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import type { RecurrentConfig } from "./config.ts";
import { readLinear } from "../read-dense.ts";
import type { RecurrentCaptioner } from "./recurrent-captioner.ts";

/**
 * A recurrent captioner over parameters in PyTorch's layouts (`recurrentParameterShapes`). Call it inside `tidy`:
 * kernels are turned copies, all else is what `read` gave.
 */
export function assembleRecurrent(
  read: TensorReader,
  config: RecurrentConfig,
  onFeatures?: (features: Tensor3D) => Tensor3D,
): RecurrentCaptioner {
  const linear = (name: string) => readLinear(read, name);
  const deep = config.output === "deep";
  return {
    config,
    embedding: transpose(read("embedding.weight") as Tensor2D), // [E, V]
    initialHidden: linear("init_h"),
    initialCell: linear("init_c"),
    alignment: {
      key: linear("encoder_attention"),
      query: linear("decoder_attention"),
      score: config.alignment === "additive" ? linear("full_attention") : null,
    },
    gate: linear("gate"),
    cell: {
      input: readLinear(read, "cell", ["weight_ih", "bias_ih"]),
      recurrent: readLinear(read, "cell", ["weight_hh", "bias_hh"]),
    },
    deepOutput: deep ? { hidden: linear("output_hidden"), context: linear("output_context") } : null,
    onFeatures,
    output: linear("output"),
  };
}
