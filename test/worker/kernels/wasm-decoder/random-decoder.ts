import type { CaptionerDecoder } from "../../../../worker/checkpoint/config/captioner-config.ts";
import type { HostArray } from "../../../../worker/contract/forward.ts";
import { elementCount } from "../../../../worker/contract/host-tensor.ts";
import { createRandom } from "../../../../worker/contract/random.ts";
import type { ParameterReader } from "../../../../worker/kernels/parameter-reader.ts";
import type { RecurrentConfig, TransformerConfig } from "../../../../worker/models/captioner/config.ts";
import {
  gpt2ParameterShapes,
  recurrentParameterShapes,
  transformerParameterShapes,
} from "../../../../worker/models/captioner/parameters.ts";

/** A recurrent captioner of sizes that are no multiple of anything; what is given replaces its own. */
export const oddRecurrent = (settings: Partial<RecurrentConfig> = {}): CaptionerDecoder => ({
  kind: "recurrent",
  config: {
    vocabularySize: 13,
    featureSize: 7,
    embeddingSize: 5,
    hiddenSize: 11,
    alignmentSize: 3,
    alignment: "additive",
    output: "deep",
    ...settings,
  },
});

/** The same of a Transformer decoder, but for its width: heads of three. */
export const oddTransformer = (
  settings: Partial<TransformerConfig> = {},
  kind: "transformer" | "gpt2" = "transformer",
): CaptionerDecoder => ({
  kind,
  config: {
    vocabularySize: 13,
    memorySize: 7,
    hiddenSize: 12,
    layers: 2,
    heads: 4,
    intermediateSize: 17,
    activation: "gelu",
    layerNormEpsilon: 1e-5,
    normOrder: "pre",
    positions: "learned",
    maxPositions: 9,
    tiedOutput: true,
    ...settings,
  },
});

const shapesOf = ({ kind, config }: CaptionerDecoder): Map<string, readonly number[]> =>
  kind === "recurrent"
    ? recurrentParameterShapes(config)
    : (kind === "gpt2" ? gpt2ParameterShapes : transformerParameterShapes)(config);

/** Parameters drawn so that words differ: signals keep their size from layer to layer. */
export function drawDecoder(decoding: CaptionerDecoder, seed: number): ParameterReader {
  const random = createRandom(seed);
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of shapesOf(decoding)) {
    const isScale = /(norm\d?|ln_\w+)\.weight$/.test(name);
    const size = shape.length > 1 ? Math.sqrt(6 / Math.min(...shape)) : 0.5;
    values.set(
      name,
      Float32Array.from({ length: elementCount(shape) }, () => (isScale ? 1 : 0) + (2 * random() - 1) * size),
    );
  }
  return (name) => values.get(name)!;
}

/** What photos show, `[B, L, C]`. */
export function drawFeatures({ kind, config }: CaptionerDecoder, photos: number, places: number, seed = 1): HostArray {
  const random = createRandom(seed);
  const shape = [photos, places, kind === "recurrent" ? config.featureSize : config.memorySize];
  return { shape, values: Float32Array.from({ length: elementCount(shape) }, () => 2 * random() - 1) };
}
