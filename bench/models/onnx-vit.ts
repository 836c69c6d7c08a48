import type { ParameterReader } from "../../worker/kernels/parameter-reader.ts";
import { tokenCount, type VitConfig } from "../../worker/models/vit/config.ts";
import { OnnxGraph } from "./onnx-graph.ts";

/** `[out, in]` → `[in, out]` */
function turned(weight: Float32Array, inputs: number): Float32Array {
  const outputs = weight.length / inputs;
  return Float32Array.from(weight, (_, at) => weight[(at % outputs) * inputs + Math.floor(at / outputs)]!);
}

/**
 * A plain ViT (class token, GELU, head) as an ONNX model with the names transformers.js looks for: `pixel_values`
 * `[batch, C, H, W]` → `logits` `[batch, classes]`.
 */
export function writeOnnxVit(config: VitConfig, read: ParameterReader): Uint8Array {
  const { classes, channels, imageSize, layers, hiddenSize: width, intermediateSize } = config;
  const layer = new VitLayers(config, read);
  const { graph } = layer;
  let x = layer.embed("pixel_values");
  for (let index = 0; index < layers; index++) {
    const block = `encoder.layer.${index}`;
    x = graph.apply("Add", [x, layer.attend(block, layer.norm(`${block}.layernorm_before`, x))]);
    const rows = layer.norm(`${block}.layernorm_after`, x);
    const hidden = layer.gelu(layer.linear(`${block}.intermediate.dense`, rows, width));
    x = graph.apply("Add", [x, layer.linear(`${block}.output.dense`, hidden, intermediateSize)]);
  }
  const zero = graph.constant(BigInt64Array.of(0n), []);
  const first = graph.apply("Gather", [layer.norm("layernorm", x), zero], { axis: 1 });
  const head = [
    first,
    layer.parameter("classifier.weight", classes, width),
    layer.parameter("classifier.bias", classes),
  ];
  graph.apply("Gemm", head, { transB: 1 }, "logits");
  const pixels = ["batch", channels, imageSize.height, imageSize.width];
  return graph.finish("vit", ["pixel_values", pixels], ["logits", ["batch", classes]]);
}

class VitLayers {
  readonly graph = new OnnxGraph();

  constructor(
    private readonly config: VitConfig,
    private readonly read: ParameterReader,
  ) {}

  parameter(name: string, ...shape: number[]): string {
    return this.graph.constant(this.read(name), shape);
  }

  /** pixels `[batch, C, H, W]` → tokens `[batch, 1 + N, D]` */
  embed(pixels: string): string {
    const { hiddenSize: width, channels, patchSize } = this.config;
    const { graph } = this;
    const tokens = tokenCount(this.config);
    const projection = "embeddings.patch_embeddings.projection";
    const kernel = this.parameter(`${projection}.weight`, width, channels, patchSize.height, patchSize.width);
    const size = [patchSize.height, patchSize.width];
    const bias = this.parameter(`${projection}.bias`, width);
    const patches = graph.apply("Conv", [pixels, kernel, bias], { kernel_shape: size, strides: size });
    const flat = graph.apply("Reshape", [patches, graph.shape(0, width, tokens - 1)]);
    const rows = graph.apply("Transpose", [flat], { perm: [0, 2, 1] });
    const batch = graph.apply("Shape", [pixels], { start: 0, end: 1 });
    const wanted = graph.apply("Concat", [batch, graph.shape(1, width)], { axis: 0 });
    const first = graph.apply("Expand", [this.parameter("embeddings.cls_token", 1, 1, width), wanted]);
    const all = graph.apply("Concat", [first, rows], { axis: 1 });
    return graph.apply("Add", [all, this.parameter("embeddings.position_embeddings", 1, tokens, width)]);
  }

  norm(name: string, x: string): string {
    const { hiddenSize: width, layerNormEpsilon } = this.config;
    const inputs = [x, this.parameter(`${name}.weight`, width), this.parameter(`${name}.bias`, width)];
    return this.graph.apply("LayerNormalization", inputs, { axis: -1, epsilon: { float: layerNormEpsilon } });
  }

  linear(name: string, x: string, inputs: number): string {
    const { graph } = this;
    const bias = this.read(`${name}.bias`);
    const kernel = graph.constant(turned(this.read(`${name}.weight`), inputs), [inputs, bias.length]);
    return graph.apply("Add", [graph.apply("MatMul", [x, kernel]), graph.constant(bias, [bias.length])]);
  }

  gelu(x: string): string {
    const { graph } = this;
    const erf = graph.apply("Erf", [graph.apply("Div", [x, graph.scalar(Math.SQRT2)])]);
    const doubled = graph.apply("Mul", [x, graph.apply("Add", [erf, graph.scalar(1)])]);
    return graph.apply("Mul", [doubled, graph.scalar(0.5)]);
  }

  attend(block: string, x: string): string {
    const { hiddenSize: width, heads } = this.config;
    const { graph } = this;
    const tokens = tokenCount(this.config);
    const split = (part: "query" | "key" | "value", order: readonly number[]): string => {
      const rows = this.linear(`${block}.attention.attention.${part}`, x, width);
      const parts = graph.apply("Reshape", [rows, graph.shape(0, tokens, heads, width / heads)]);
      return graph.apply("Transpose", [parts], { perm: order });
    };
    const scores = graph.apply("MatMul", [split("query", [0, 2, 1, 3]), split("key", [0, 2, 3, 1])]);
    const scaled = graph.apply("Div", [scores, graph.scalar(Math.sqrt(width / heads))]);
    const weights = graph.apply("Softmax", [scaled], { axis: -1 });
    const mixed = graph.apply("MatMul", [weights, split("value", [0, 2, 1, 3])]);
    const together = graph.apply("Transpose", [mixed], { perm: [0, 2, 1, 3] });
    const rows = graph.apply("Reshape", [together, graph.shape(0, tokens, width)]);
    return this.linear(`${block}.attention.output.dense`, rows, width);
  }
}
