import { elementCount, type Shape } from "../../contract/host-tensor.ts";
import type { Random } from "../../contract/random.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import { vitParameterShapes } from "../../models/vit/parameters.ts";
import { drawTruncated } from "../draw-weights.ts";

const DEVIATION = 0.02; // of DeiT and Hugging Face's initializer_range

/**
 * First parameters of a ViT, by name: truncated normal weights, tokens and positions, biases 0, norms the identity. The
 * head starts at 0, so that an untrained model calls all classes equally likely and its loss is ln(classes).
 */
export function initialVit(config: VitConfig, random: Random): Map<string, Float32Array> {
  const values = new Map<string, Float32Array>();
  for (const [name, shape] of vitParameterShapes(config)) values.set(name, firstValues(name, shape, random));
  return values;
}

function firstValues(name: string, shape: Shape, random: Random): Float32Array {
  const count = elementCount(shape);
  if (/^((distillation|patch)_)?classifier\./.test(name) || name.endsWith(".bias")) return new Float32Array(count);
  if (/layernorm/.test(name)) return new Float32Array(count).fill(1);
  return drawTruncated(count, DEVIATION, random);
}
