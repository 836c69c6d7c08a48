import { transformerParameterShapes } from "../captioner/parameters.ts";
import type { RecurrentConfig, TransformerConfig } from "./config.ts";
import { decoderConfig } from "./decoder-config.ts";

/** `[size, …]` of one parameter, in PyTorch's layout: Linear `[out, in]`. */
type Shape = readonly number[];

const linear = (name: string, out: number, inputs: number): [string, Shape][] => [
  [`${name}.weight`, [out, inputs]],
  [`${name}.bias`, [out]],
];

/** `nn.LSTM`. */
const lstm = (name: string, layers: number, width: number, hidden: number): [string, Shape][] =>
  Array.from({ length: layers }, (_, layer): [string, Shape][] => [
    [`${name}.weight_ih_l${layer}`, [4 * hidden, layer === 0 ? width : hidden]],
    [`${name}.weight_hh_l${layer}`, [4 * hidden, hidden]],
    [`${name}.bias_ih_l${layer}`, [4 * hidden]],
    [`${name}.bias_hh_l${layer}`, [4 * hidden]],
  ]).flat();

/** Every parameter of a recurrent model and its shape, under the names of a PyTorch state dict. */
export function recurrentShapes(config: RecurrentConfig): Map<string, Shape> {
  const { sourceSize, targetSize, embeddingSize: E, hiddenSize: D, layers, attention } = config;
  const scores: Record<NonNullable<typeof attention>, [string, Shape][]> = {
    dot: [],
    "scaled-dot": [],
    general: [["attention.query.weight", [D, D]]],
    additive: [
      ["attention.query.weight", [D, D]],
      ...linear("attention.key", D, D),
      ["attention.score.weight", [1, D]],
    ],
  };
  return new Map([
    ["encoder.embedding.weight", [sourceSize, E]],
    ...lstm("encoder.lstm", layers, E, D),
    ["decoder.embedding.weight", [targetSize, E]],
    ...lstm("decoder.lstm", layers, E, D),
    ...(attention ? [...scores[attention], ...linear("combine", D, 2 * D)] : []),
    ...linear("output", targetSize, D),
  ]);
}

/** `nn.TransformerEncoderLayer`. */
const encoderLayer = (name: string, D: number, inner: number): [string, Shape][] => [
  [`${name}.self_attn.in_proj_weight`, [3 * D, D]],
  [`${name}.self_attn.in_proj_bias`, [3 * D]],
  ...linear(`${name}.self_attn.out_proj`, D, D),
  ...linear(`${name}.linear1`, inner, D),
  ...linear(`${name}.linear2`, D, inner),
  ...["norm1", "norm2"].flatMap((norm) => normShapes(`${name}.${norm}`, D)),
];

const normShapes = (name: string, D: number): [string, Shape][] => [
  [`${name}.weight`, [D]],
  [`${name}.bias`, [D]],
];

/** The same of a Transformer; `encoder.` and `decoder.` are PyTorch's `nn.Transformer`. */
export function transformerShapes(config: TransformerConfig): Map<string, Shape> {
  const { sourceSize, hiddenSize: D, layers, intermediateSize } = config;
  return new Map([
    ["source_embedding.weight", [sourceSize, D] as Shape],
    ...Array.from({ length: layers }, (_, layer) =>
      encoderLayer(`encoder.layers.${layer}`, D, intermediateSize),
    ).flat(),
    ...normShapes("encoder.norm", D),
    ...transformerParameterShapes(decoderConfig(config)),
    ...normShapes("decoder.norm", D),
  ]);
}
