import { bytes, float, integer, joined, message, text, type Field } from "./protobuf.ts";

type Attributes = Readonly<Record<string, number | readonly number[] | { readonly float: number }>>;

/** Numbers of ONNX's own (onnx.proto3). */
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE = { float: 1, integer: 2, integers: 7 } as const;
const OPSET = 17; // the first with LayerNormalization
const IR_VERSION = 8; // that of opset 17

/** The size of an axis; a text names one that is told with each input. */
type Axis = number | string;

/** Operators and constants of a graph, one after another, as PyTorch's exporter writes them. */
export class OnnxGraph {
  readonly #nodes: Field[] = [];
  readonly #constants: Field[] = [];
  #names = 0;

  apply(operator: string, inputs: readonly string[], attributes: Attributes = {}, output = this.#fresh()): string {
    const told = Object.entries(attributes).map(([name, value]) => message(5, [text(1, name), ...attribute(value)]));
    this.#nodes.push(
      message(1, [...inputs.map((input) => text(1, input)), text(2, output), text(4, operator), ...told]),
    );
    return output;
  }

  constant(values: Float32Array | BigInt64Array, shape: readonly number[]): string {
    const name = this.#fresh();
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const type = values instanceof Float32Array ? FLOAT : INT64;
    const dimensions = shape.map((size) => integer(1, size));
    this.#constants.push(message(5, [...dimensions, integer(2, type), text(8, name), bytes(9, raw)]));
    return name;
  }

  /** For Reshape, where 0 keeps the size that an axis has. */
  shape(...sizes: number[]): string {
    return this.constant(BigInt64Array.from(sizes, BigInt), [sizes.length]);
  }

  scalar(value: number): string {
    return this.constant(Float32Array.of(value), []);
  }

  /** The whole model, with one input and one output of float32. */
  finish(name: string, input: [string, readonly Axis[]], output: [string, readonly Axis[]]): Uint8Array {
    const graph = [...this.#nodes, text(2, name), ...this.#constants, value(11, ...input), value(12, ...output)];
    return joined([integer(1, IR_VERSION), message(7, graph), message(8, [text(1, ""), integer(2, OPSET)])]);
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

function value(field: number, name: string, shape: readonly Axis[]): Field {
  const dimensions = shape.map((axis) => message(1, [typeof axis === "number" ? integer(1, axis) : text(2, axis)]));
  return message(field, [text(1, name), message(2, [message(1, [integer(1, FLOAT), message(2, dimensions)])])]);
}
