import type { HostTensors, Shape } from "../contract/host-tensor.ts";
import { positionGrid, prefixTokens, type VitConfig } from "../models/vit/config.ts";
import { vitParameterShapes } from "../models/vit/parameters.ts";
import { toFloat32 } from "./safetensors.ts";

/** What a ViT's file may hold otherwise than the model's own table of parameters. */
export type VitLayout = {
  /** Behind attention and feed-forward layer stands a factor for each channel (Touvron et al. 2021, CaiT). */
  readonly layerScale: boolean;
  /** How many of the tokens before the patches have positions: those from the first on. */
  readonly positioned: number;
};

/** What a file must hold of a model, and how its parameters are read out of that. */
export type InFile = {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly readerOf: (tensors: HostTensors) => (name: string) => Float32Array;
};

/** Of a model whose parameters stand in the file as they are. */
export const plainReader: InFile["readerOf"] = (tensors) => (name) => toFloat32(tensors.get(name)!);

export const vitInFile = (config: VitConfig, layout: VitLayout): InFile => ({
  shapes: vitShapesInFile(config, layout),
  readerOf: (tensors) => vitReader(config, layout, plainReader(tensors)),
});

const POSITIONS = "embeddings.position_embeddings";
const HEAD = "classifier.weight";

/** The layer that each factor scales. */
const SCALED = { layer_scale1: "attention.output.dense", layer_scale2: "output.dense" } as const;

/** What a file must hold, under the names of `VIT_MODULES`. */
export function vitShapesInFile(config: VitConfig, { layerScale, positioned }: VitLayout): Map<string, Shape> {
  const { hiddenSize, layers, classes, patchHead } = config;
  const shapes = vitParameterShapes(config);
  const { width, height } = positionGrid(config);
  shapes.set(POSITIONS, [1, positioned + width * height, hiddenSize]);
  if (patchHead) {
    shapes.delete("patch_classifier.weight"); // behind the columns of the other head, in one tensor
    shapes.set(HEAD, [classes, 2 * hiddenSize]);
  }
  for (let layer = 0; layerScale && layer < layers; layer++) {
    for (const scale in SCALED) shapes.set(`encoder.layer.${layer}.${scale}.lambda1`, [hiddenSize]);
  }
  return shapes;
}

/**
 * Reads a model's parameters, by the names of `vitParameterShapes`, out of such a file: layer scales are multiplied into
 * the layers before them, and tokens without a position have one of zeros.
 */
function vitReader(
  config: VitConfig,
  { layerScale, positioned }: VitLayout,
  whole: (name: string) => Float32Array,
): (name: string) => Float32Array {
  const { hiddenSize, patchHead } = config;
  return (name) => {
    if (name === POSITIONS) return withZeros(whole(name), positioned * hiddenSize, prefixTokens(config) * hiddenSize);
    if (patchHead && name === HEAD) return columns(whole(HEAD), 2 * hiddenSize, 0, hiddenSize);
    if (name === "patch_classifier.weight") return columns(whole(HEAD), 2 * hiddenSize, hiddenSize, hiddenSize);
    const factors = layerScale ? scaleOf(name) : null;
    return factors === null ? whole(name) : scaleRows(whole(name), whole(factors));
  };
}

/** `encoder.layer.3.output.dense.bias` → `encoder.layer.3.layer_scale2.lambda1`; `null` for what no factor scales. */
function scaleOf(name: string): string | null {
  const [, block, layer] = /^(encoder\.layer\.\d+\.)(.+)\.(?:weight|bias)$/.exec(name) ?? [];
  const scale = Object.entries(SCALED).find(([, scaled]) => scaled === layer)?.[0];
  return scale === undefined ? null : `${block}${scale}.lambda1`;
}

/** values `[rows, …]`, each row times its factor. */
function scaleRows(values: Float32Array, factors: Float32Array): Float32Array {
  const columns = values.length / factors.length;
  const scaled = new Float32Array(values.length);
  for (const [row, factor] of factors.entries()) {
    for (let at = row * columns; at < (row + 1) * columns; at++) scaled[at] = values[at]! * factor;
  }
  return scaled;
}

/** Some columns of values `[rows, width]`. */
function columns(values: Float32Array, width: number, first: number, count: number): Float32Array {
  const result = new Float32Array((values.length / width) * count);
  for (let row = 0; row * width < values.length; row++) {
    result.set(values.subarray(row * width + first, row * width + first + count), row * count);
  }
  return result;
}

/** values with zeros behind their first `count`, so that these become `wanted`. */
function withZeros(values: Float32Array, count: number, wanted: number): Float32Array {
  if (count === wanted) return values;
  const result = new Float32Array(values.length + wanted - count);
  result.set(values.subarray(0, count));
  result.set(values.subarray(count), wanted);
  return result;
}
