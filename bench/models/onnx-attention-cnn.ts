import { blockShapes } from "../../worker/kernels/cnn-blocks.ts";
import type { ParameterReader } from "../../worker/kernels/parameter-reader.ts";
import {
  featureChannels,
  KERNEL_SIZE,
  mapSize,
  type AttentionCnnConfig,
  type MapAttention,
} from "../../worker/models/attention-cnn/config.ts";
import { OnnxGraph } from "./onnx-graph.ts";

/** A CNN of residual stages with self-attention as an ONNX model: `pixel_values` `[batch, C, H, W]` → `logits`. */
export function writeOnnxAttentionCnn(config: AttentionCnnConfig, read: ParameterReader): Uint8Array {
  const { channels, imageSize, stem, stages, attention, classes } = config;
  const layer = new CnnLayers(config, read);
  const { graph } = layer;
  const inputs = { inputs: channels, outputs: stem.channels };
  let map = layer.relu(layer.convolve("pixel_values", "stem.conv", "stem.norm", inputs, KERNEL_SIZE, stem.stride));
  for (const stage of stages.keys()) {
    for (const [index, shape] of blockShapes(config, stage).entries()) {
      const block = `stages.${stage}.blocks.${index}`;
      const { outputs, stride, projected } = shape;
      const first = layer.relu(layer.convolve(map, `${block}.conv1`, `${block}.norm1`, shape, KERNEL_SIZE, stride));
      const second = { inputs: outputs, outputs };
      const residual = layer.convolve(first, `${block}.conv2`, `${block}.norm2`, second, KERNEL_SIZE, 1);
      const shortcut = projected
        ? layer.convolve(map, `${block}.shortcut.conv`, `${block}.shortcut.norm`, shape, 1, stride)
        : map;
      map = layer.relu(graph.apply("Add", [residual, shortcut]));
    }
    if (attention?.afterStage === stage) map = layer.attend(map, attention);
  }
  const features = featureChannels(config);
  const pooled = graph.apply("Flatten", [graph.apply("GlobalAveragePool", [map])], { axis: 1 });
  const head = graph.constant(read("head.weight"), [classes, features]);
  graph.apply("Gemm", [pooled, head, graph.constant(read("head.bias"), [classes])], { transB: 1 }, "logits");
  const pixels = ["batch", channels, imageSize.height, imageSize.width];
  return graph.finish("attention-cnn", ["pixel_values", pixels], ["logits", ["batch", classes]]);
}

type Channels = { readonly inputs: number; readonly outputs: number };

class CnnLayers {
  readonly graph = new OnnxGraph();

  constructor(
    private readonly config: AttentionCnnConfig,
    private readonly read: ParameterReader,
  ) {}

  relu(x: string): string {
    return this.graph.apply("Relu", [x]);
  }

  /** Batch normalisation folded in, as PyTorch's exporter does. */
  convolve(x: string, conv: string, norm: string, channels: Channels, size: number, stride: number): string {
    const { inputs, outputs } = channels;
    const part = (name: string): Float32Array => this.read(`${norm}.${name}`);
    const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(part) as [
      Float32Array,
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const factors = scale.map((value, out) => value / Math.sqrt(variance[out]! + this.config.batchNormEpsilon));
    const each = inputs * size * size;
    const kernel = this.read(`${conv}.weight`).map((value, at) => value * factors[Math.floor(at / each)]!);
    const bias = shift.map((value, out) => value - mean[out]! * factors[out]!);
    const { graph } = this;
    const pad = Math.floor(size / 2);
    return graph.apply(
      "Conv",
      [x, graph.constant(kernel, [outputs, inputs, size, size]), graph.constant(bias, [outputs])],
      { kernel_shape: [size, size], strides: [stride, stride], pads: [pad, pad, pad, pad] },
    );
  }

  /** map `[batch, C, H, W]` → map + γ · output(softmax(query · keyᵀ) · value) */
  attend(map: string, { afterStage, innerChannels: inner, scaled }: MapAttention): string {
    const { graph, config } = this;
    const { height, width } = mapSize(config, afterStage);
    const channels = config.stages[afterStage]!.channels;
    const positions = height * width;
    const pointwise = (x: string, name: string, outputs: number, inputs: number): string =>
      graph.apply("Conv", [
        x,
        graph.constant(this.read(`attention.${name}.weight`), [outputs, inputs, 1, 1]),
        graph.constant(this.read(`attention.${name}.bias`), [outputs]),
      ]);
    const flat = (name: string): string =>
      graph.apply("Reshape", [pointwise(map, name, inner, channels), graph.shape(0, inner, positions)]);
    const turn = (x: string): string => graph.apply("Transpose", [x], { perm: [0, 2, 1] });
    const scores = graph.apply("MatMul", [turn(flat("query")), flat("key")]); // [batch, HW, HW]
    const scaledScores = scaled ? graph.apply("Div", [scores, graph.scalar(Math.sqrt(inner))]) : scores;
    const weights = graph.apply("Softmax", [scaledScores], { axis: -1 });
    const mixed = turn(graph.apply("MatMul", [weights, turn(flat("value"))])); // [batch, inner, HW]
    const asMap = graph.apply("Reshape", [mixed, graph.shape(0, inner, height, width)]);
    const gamma = graph.constant(this.read("attention.gamma"), [1]);
    return graph.apply("Add", [map, graph.apply("Mul", [pointwise(asMap, "output", channels, inner), gamma])]);
  }
}
