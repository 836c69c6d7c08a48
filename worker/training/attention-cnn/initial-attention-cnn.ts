import { elementCount, type Shape } from "../../contract/host-tensor.ts";
import type { Random } from "../../contract/random.ts";
import type { AttentionCnnConfig } from "../../models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../../models/attention-cnn/parameters.ts";
import { drawNormals } from "../draw-weights.ts";

/**
 * First parameters of an attention CNN, by name. Kernels are He's for ReLU (He et al. 2015, by outputs); the last norm of
 * each block starts at 0, so that a block starts as its shortcut (Goyal et al. 2017); γ of the attention module at 0, so
 * that the network starts as the plain CNN; the head at 0, so that all classes start equally likely.
 */
export function initialAttentionCnn(config: AttentionCnnConfig, random: Random): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of attentionCnnParameterShapes(config)) values.set(name, firstValues(name, shape, random));
  return values;
}

function firstValues(name: string, shape: Shape, random: Random): Float32Array {
  const count = elementCount(shape);
  if (name.endsWith(".running_var")) return new Float32Array(count).fill(1);
  if (name.endsWith("norm2.weight") || name.startsWith("head.") || name === "attention.gamma") {
    return new Float32Array(count);
  }
  if (/norm\d?\.weight$/.test(name)) return new Float32Array(count).fill(1);
  if (shape.length < 4) return new Float32Array(count); // biases, running means
  const [outputs, inputs, height, width] = shape as [number, number, number, number];
  if (name.startsWith("attention.")) return drawNormals(count, 1 / Math.sqrt(inputs), random);
  return drawNormals(count, Math.sqrt(2 / (outputs * height * width)), random);
}
