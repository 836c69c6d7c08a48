import { tensor, tensor1d, type Tensor, type Tensor4D } from "@tensorflow/tfjs-core";
import type { Pause } from "../../contract/turns.ts";
import { foldedKernel } from "../../kernels/cnn-kernels.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import { keepParts } from "../parts.ts";
import { assembleFrame, assembleStage, type CnnReader } from "./assemble-attention-cnn.ts";
import { releaseAttentionCnn, type AttentionCnn, type CnnStage } from "./attention-cnn.ts";
import type { AttentionCnnConfig } from "./config.ts";
import { attentionCnnParameterShapes } from "./parameters.ts";

/**
 * Puts an attention CNN's parameters (the names of `attentionCnnParameterShapes`) on the current backend. `pause` is
 * awaited after every stage; throw from it to stop. The caller owns the model and ends it with `releaseAttentionCnn`;
 * whatever is thrown, no tensor is left behind.
 */
export async function buildAttentionCnn(
  config: AttentionCnnConfig,
  read: ParameterReader,
  pause?: Pause,
): Promise<AttentionCnn> {
  const folded = foldingReader(config, read);
  const stages: CnnStage[] = [];
  const cnn: AttentionCnn = { ...keepParts(() => assembleFrame(folded, config)), stages };
  try {
    for (const stage of config.stages.keys()) {
      stages.push(keepParts(() => assembleStage(folded, config, stage)));
      await pause?.();
    }
    return cnn;
  } catch (error) {
    releaseAttentionCnn(cnn);
    throw error;
  }
}

/** Batch normalisation, its statistics standing still, becomes part of the convolution in front of it, in float64. */
function foldingReader(config: AttentionCnnConfig, read: ParameterReader): CnnReader {
  const shapes = attentionCnnParameterShapes(config);
  const place = (name: string, values: Float32Array): Tensor => tensor(values, [...shapes.get(name)!]);
  return {
    tensor: (name) => place(name, read(name)),
    convolution(conv, norm) {
      const { weight, scale, shift } = foldedKernel(read, conv, norm, config.batchNormEpsilon);
      const each = weight.length / scale.length; // numbers of one output
      const scaled = weight.map((value, at) => value * scale[Math.floor(at / each)]!);
      return { weight: place(`${conv}.weight`, scaled) as Tensor4D, bias: tensor1d(Float32Array.from(shift)) };
    },
  };
}
