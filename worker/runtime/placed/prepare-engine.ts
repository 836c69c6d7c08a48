import { getBackend } from "@tensorflow/tfjs-core";
import { elementCount, type Shape } from "../../contract/host-tensor.ts";
import type { DeclaredEncoder } from "../../checkpoint/config/declared-encoder.ts";
import type { ParameterReader } from "../../kernels/parameter-reader.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../../models/attention-cnn/parameters.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import { vitParameterShapes } from "../../models/vit/parameters.ts";
import { startCnn, startEncoder, type Placing } from "./engines.ts";

/**
 * Compiles the shaders that a model will run on, of which a config tells all but the sizes, which they do not know: by
 * the smallest model of its kind, which is warmed up and let go. Backends without shaders have nothing to prepare.
 */
export async function prepareEngine(encoder: DeclaredEncoder, placing: Placing): Promise<void> {
  if (getBackend() !== "webgl") return;
  const engine = await startSmallest(encoder, placing);
  try {
    engine?.warmUp?.();
  } finally {
    engine?.release();
  }
}

function startSmallest(encoder: DeclaredEncoder, placing: Placing) {
  if (encoder.type === "vit") {
    const config = smallestVit(encoder.declared.activation ?? "gelu");
    return startEncoder(config, zeros(vitParameterShapes(config)), placing);
  }
  const config = smallestCnn(encoder.declared.config);
  return startCnn(config, zeros(attentionCnnParameterShapes(config)), placing);
}

const zeros =
  (shapes: ReadonlyMap<string, Shape>): ParameterReader =>
  (name) =>
    new Float32Array(elementCount(shapes.get(name)!));

const LEAST = 4; // columns of a texel

/** One block behind one patch. */
const smallestVit = (activation: VitConfig["activation"]): VitConfig => ({
  imageSize: { width: LEAST, height: LEAST },
  patchSize: { width: LEAST, height: LEAST },
  channels: 3,
  layers: 1,
  hiddenSize: LEAST,
  heads: 1,
  intermediateSize: LEAST,
  activation,
  layerNormEpsilon: 1e-6,
  queryKeyValueBias: true,
  classToken: true,
  distillationToken: false,
  registers: 0,
  positionSize: null,
  positionFilter: "bicubic",
  patchHead: false,
  pooling: "class",
  finalNorm: "tokens",
  pooler: false,
  classes: 1,
  distillationHead: false,
});

/** Convolutions of 3 × 3 in a block, of 1 × 1 in the head. */
const smallestCnn = (config: AttentionCnnConfig): AttentionCnnConfig => ({
  ...config,
  imageSize: { width: LEAST, height: LEAST },
  stem: { channels: LEAST, stride: 1 },
  stages: [{ channels: LEAST, blocks: 1, stride: 1 }],
  attention: config.attention && { ...config.attention, afterStage: 0, innerChannels: LEAST },
  classes: 1,
});
