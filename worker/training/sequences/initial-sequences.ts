import { elementCount, type Shape } from "../../contract/host-tensor.ts";
import type { Random } from "../../contract/random.ts";
import { recurrentShapes, transformerShapes } from "../../models/seq2seq/parameters.ts";
import type { ShapeTable } from "../../models/shape-table.ts";
import { drawNormals, drawUniforms } from "../draw-weights.ts";
import type { SequenceConfig } from "./sequence-config.ts";

/** Names and shapes of a model's parameters, of either kind. */
export const sequenceShapes = (config: SequenceConfig): ShapeTable =>
  config.kind === "recurrent" ? recurrentShapes(config) : transformerShapes(config);

/**
 * First parameters by name: an LSTM's as PyTorch draws them, but with its forget gates open (bias 1, Jozefowicz et al.
 * 2015); matrices of a Transformer as Glorot & Bengio 2010; embeddings of deviation 1, once a Transformer has scaled them.
 */
export function initialSequences(config: SequenceConfig, random: Random): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of sequenceShapes(config)) values.set(name, firstValues(name, shape, config, random));
  return values;
}

function firstValues(name: string, shape: Shape, { kind, hiddenSize }: SequenceConfig, random: Random): Float32Array {
  const count = elementCount(shape);
  if (name.includes("embedding")) return drawNormals(count, kind === "transformer" ? hiddenSize ** -0.5 : 1, random);
  if (/norm\d?\.weight$/.test(name)) return new Float32Array(count).fill(1);
  if (name.includes("lstm.bias_ih")) {
    const bias = new Float32Array(count);
    return bias.fill(1, hiddenSize, 2 * hiddenSize); // gates i, f, g, o
  }
  if (shape.length === 1) return new Float32Array(count);
  const [out, inputs] = shape as [number, number];
  const bound = kind === "transformer" ? Math.sqrt(6 / (inputs + out)) : 1 / Math.sqrt(hiddenSize);
  return drawUniforms(count, bound, random);
}
