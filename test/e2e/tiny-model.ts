import { writeSafetensors } from "../../worker/checkpoint/safetensors.ts";
import type { HostTensor } from "../../worker/contract/host-tensor.ts";
import { vitParameterShapes } from "../../worker/models/vit/parameters.ts";
import type { GivenFile } from "./pictures.ts";

const SIDE = 8; // pixels
const WIDTH = 4;

/**
 * The files of a ViT that says the same of every picture: all weights are 0, so the head's bias alone decides, and it
 * falls from the first label to the last. `fields` go into its config.json.
 */
export function tinyModel(labels: readonly string[], fields: object = {}): GivenFile[] {
  const shapes = vitParameterShapes({
    imageSize: { width: SIDE, height: SIDE },
    patchSize: { width: SIDE / 2, height: SIDE / 2 },
    channels: 3,
    hiddenSize: WIDTH,
    layers: 1,
    heads: 1,
    intermediateSize: WIDTH,
    activation: "gelu",
    layerNormEpsilon: 1e-12,
    queryKeyValueBias: true,
    classToken: true,
    distillationToken: false,
    registers: 0,
    positionSize: null,
    positionFilter: "bicubic",
    pooling: "class",
    finalNorm: "tokens",
    pooler: false,
    classes: labels.length,
    distillationHead: false,
    patchHead: false,
  });
  const tensors = new Map<string, HostTensor>();
  for (const [name, shape] of shapes) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    if (name === "classifier.bias") labels.forEach((_, index) => (values[index] = -index));
    const stored = name.startsWith("classifier") ? name : `vit.${name}`;
    tensors.set(stored, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) });
  }
  return [
    json("config.json", { ...config(labels), ...fields }),
    json("preprocessor_config.json", preprocessing),
    { name: "model.safetensors", mimeType: "", buffer: Buffer.from(writeSafetensors(tensors)) },
  ];
}

const config = (labels: readonly string[]): object => ({
  architectures: ["ViTForImageClassification"],
  model_type: "vit",
  image_size: SIDE,
  patch_size: SIDE / 2,
  num_channels: 3,
  hidden_size: WIDTH,
  num_hidden_layers: 1,
  num_attention_heads: 1,
  intermediate_size: WIDTH,
  hidden_act: "gelu",
  layer_norm_eps: 1e-12,
  qkv_bias: true,
  id2label: Object.fromEntries(labels.map((label, index) => [index, label])),
  label2id: Object.fromEntries(labels.map((label, index) => [label, index])),
});

const preprocessing = {
  do_resize: true,
  size: { width: SIDE, height: SIDE },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

const json = (name: string, content: object): GivenFile => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(JSON.stringify(content)),
});
