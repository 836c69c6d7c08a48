import { elementCount, type Shape } from "../../contract/host-tensor.ts";
import type { Random } from "../../contract/random.ts";
import { drawNormals, drawUniforms } from "../draw-weights.ts";
import { captionerShapes, type CaptionerShape } from "./captioner-shape.ts";

const EMBEDDED = 0.1; // largest number of a recurrent captioner's word vector, as Xu et al. 2015 published it

/**
 * First parameters of a decoder, by name. A recurrent one's as PyTorch draws those of its layers; of a Transformer the
 * matrices as Glorot & Bengio 2010, embeddings so small that a tied output starts with even odds.
 */
export function initialCaptioner(shape: CaptionerShape, random: Random): Map<string, Float32Array> {
  const shapes = captionerShapes(shape);
  const uniform = (name: string, bound: number): Float32Array =>
    drawUniforms(elementCount(shapes.get(name)!), bound, random);
  const values = new Map<string, Float32Array>();
  for (const [name, size] of shapes) {
    if (shape.kind === "transformer") values.set(name, firstOfTransformer(name, size, shape.config.hiddenSize, random));
    else if (name === "embedding.weight") values.set(name, uniform(name, EMBEDDED));
    else if (name.startsWith("cell.")) values.set(name, uniform(name, 1 / Math.sqrt(shape.config.hiddenSize)));
    else values.set(name, uniform(name, 1 / Math.sqrt(inputsOf(name, shapes))));
  }
  return values;
}

/** Of the layer that a weight or bias is part of. */
const inputsOf = (name: string, shapes: ReadonlyMap<string, Shape>): number =>
  shapes.get(name.replace(/bias$/, "weight"))![1]!;

function firstOfTransformer(name: string, size: Shape, width: number, random: Random): Float32Array {
  const count = elementCount(size);
  if (/norm\d?\.weight$/.test(name)) return new Float32Array(count).fill(1);
  if (size.length === 1) return new Float32Array(count);
  if (/^(?:embedding|positions)\./.test(name)) return drawNormals(count, width ** -0.5, random);
  const [out, inputs] = size as [number, number];
  return drawUniforms(count, Math.sqrt(6 / (inputs + out)), random);
}
