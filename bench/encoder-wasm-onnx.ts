import { tokenCount, type VitConfig } from "../worker/models/vit/config.ts";
import type { ParameterReader } from "../worker/models/parameter-reader.ts";
import { bytes, float, integer, joined, message, text, type Field } from "./encoder-wasm-protobuf.ts";

type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** Numbers of ONNX's own (onnx.proto3). */
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { float: 1, integer: 2, integers: 7 } as const;
const OPSET = 17; // the first with LayerNormalization

/** Operators and constants of a graph, one after another, as PyTorch's exporter writes them. */
class Graph {
  readonly nodes: Field[] = [];
  readonly constants: Field[] = [];
  #names = 0;

  apply(operator: string, inputs: readonly string[], attributes: Attributes = {}, output = this.#fresh()): string {
    const told = Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attribute(value)]));
    this.nodes.push(
      message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(4, operator), ...told]),
    );
    return output;
  }

  constant(values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const name = this.#fresh();
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const type = values instanceof Float32Array ? FLOAT : INT64;
    const dimensions = shape.map((size) => integer(1, size));
    this.constants.push(message(5, [...dimensions, integer(2, type), text(8, name), bytes(9, raw)]));
    return name;
  }

  shape(...sizes: number[]): string {
    return this.constant(BigInt64Array.from(sizes, BigInt), [sizes.length]);
  }

  scalar(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  #fresh(): string {
    return `v${this.#names++}`;
  }
}

function attribute(value: Attributes[string]): Field[] {
  if (typeof value === "number") return [integer(3, value), integer(20, ATTRIBUTE.integer)];
  if ("float" in value) return [float(2, value.float), integer(20, ATTRIBUTE.float)];
  return [...value.map((each) => integer(8, each)), integer(20, ATTRIBUTE.integers)];
}

/** `[out, in]` → `[in, out]` */
function turned(weight: Float32Array, inputs: number): Float32Array {
  const outputs = weight.length / inputs;
  return Float32Array.from(weight, (_, at) => weight[(at % outputs) * inputs + Math.floor(at / outputs)]!);
}

/** A plain ViT (class token, GELU, head) as an ONNX model: `pixels` `[1, C, H, W]` → `logits` `[1, classes]`. */
export function writeOnnxVit(config: VitConfig, read: ParameterReader): Uint8Array {
  const { hiddenSize: width, heads, layers, classes, channels, imageSize, patchSize, layerNormEpsilon } = config;
  const tokens = tokenCount(config);
  const graph = new Graph();
  const parameter = (name: string, ...shape: number[]): string => graph.constant(read(name), shape);
  const norm = (name: string, x: string): string =>
    graph.apply("LayerNormalization", [x, parameter(`${name}.weight`, width), parameter(`${name}.bias`, width)], {
      axis: -1,
      epsilon: { float: layerNormEpsilon },
    });
  const linear = (name: string, x: string, inputs: number): string => {
    const bias = read(`${name}.bias`);
    const kernel = graph.constant(turned(read(`${name}.weight`), inputs), [inputs, bias.length]);
    return graph.apply("Add", [graph.apply("MatMul", [x, kernel]), graph.constant(bias, [bias.length])]);
  };
  const split = (x: string, order: readonly number[]): string =>
    graph.apply("Transpose", [graph.apply("Reshape", [x, graph.shape(1, tokens, heads, width / heads)])], {
      perm: order,
    });
  const gelu = (x: string): string => {
    const erf = graph.apply("Erf", [graph.apply("Div", [x, graph.scalar(Math.SQRT2)])]);
    const doubled = graph.apply("Mul", [x, graph.apply("Add", [erf, graph.scalar(1)])]);
    return graph.apply("Mul", [doubled, graph.scalar(0.5)]);
  };
  const attention = (block: string, x: string): string => {
    const [query, key, value] = ["query", "key", "value"].map((part) =>
      linear(`${block}.attention.attention.${part}`, x, width),
    ) as [string, string, string];
    const scores = graph.apply("MatMul", [split(query, [0, 2, 1, 3]), split(key, [0, 2, 3, 1])]);
    const scaled = graph.apply("Div", [scores, graph.scalar(Math.sqrt(width / heads))]);
    const weights = graph.apply("Softmax", [scaled], { axis: -1 });
    const mixed = graph.apply("MatMul", [weights, split(value, [0, 2, 1, 3])]);
    const joinedHeads = graph.apply("Transpose", [mixed], { perm: [0, 2, 1, 3] });
    const rows = graph.apply("Reshape", [joinedHeads, graph.shape(1, tokens, width)]);
    return linear(`${block}.attention.output.dense`, rows, width);
  };

  const projection = "embeddings.patch_embeddings.projection";
  const kernel = parameter(`${projection}.weight`, width, channels, patchSize.height, patchSize.width);
  const size = [patchSize.height, patchSize.width];
  const attributes = { kernel_shape: size, strides: size };
  const patches = graph.apply("Conv", ["pixels", kernel, parameter(`${projection}.bias`, width)], attributes);
  const flat = graph.apply("Reshape", [patches, graph.shape(1, width, tokens - 1)]);
  const rows = graph.apply("Transpose", [flat], { perm: [0, 2, 1] });
  const all = graph.apply("Concat", [parameter("embeddings.cls_token", 1, 1, width), rows], { axis: 1 });
  let x = graph.apply("Add", [all, parameter("embeddings.position_embeddings", 1, tokens, width)]);
  for (let layer = 0; layer < layers; layer++) {
    const block = `encoder.layer.${layer}`;
    x = graph.apply("Add", [x, attention(block, norm(`${block}.layernorm_before`, x))]);
    const hidden = gelu(linear(`${block}.intermediate.dense`, norm(`${block}.layernorm_after`, x), width));
    x = graph.apply("Add", [x, linear(`${block}.output.dense`, hidden, config.intermediateSize)]);
  }
  const first = graph.apply("Gather", [norm("layernorm", x), graph.constant(BigInt64Array.of(0n), [])], { axis: 1 });
  const head = [first, parameter("classifier.weight", classes, width), parameter("classifier.bias", classes)];
  graph.apply("Gemm", head, { transB: 1 }, "logits");

  const value = (field: number, name: string, shape: readonly number[]): Field => {
    const dimensions = shape.map((each) => message(1, [integer(1, each)]));
    return message(field, [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, dimensions)])])]);
  };
  const pixels = value(11, "pixels", [1, channels, imageSize.height, imageSize.width]);
  const whole = [...graph.nodes, text(2, "vit"), ...graph.constants, pixels, value(12, "logits", [1, classes])];
  return joined([integer(1, 8), message(7, whole), message(8, [text(1, ""), integer(2, OPSET)])]);
}
