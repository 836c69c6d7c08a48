import { VisionError } from "../../contract/errors.ts";
import { elementCount, floatTensor, type HostTensor, type Shape } from "../../contract/host-tensor.ts";
import { isStatistic } from "../../models/attention-cnn/parameters.ts";
import type { EncoderConfig } from "../../models/encoder/config.ts";
import { encoderParameterShapes } from "../../models/encoder/parameters.ts";
import { writeSafetensors } from "../safetensors/write-safetensors.ts";
import { floatsToHalves } from "./float-to-half.ts";
import { vitToFile, type ToFile } from "./vit-to-file.ts";
import type { WrittenDtype } from "./writable-model.ts";

const LARGEST_HALF = 65_504;

/** A weight file and how many numbers in it are learned. */
export type WrittenWeights = { readonly file: Uint8Array<ArrayBuffer>; readonly learned: number };

/**
 * The `model.safetensors` of a model: a ViT's under the names of transformers (of ViT's and DeiT's those up to
 * 5.8), an attention CNN's under its own. Statistics of batch normalisation stay F32 in every precision.
 *
 * Throws `checkpoint-missing-tensor`, `-unexpected-tensor` or `-shape-mismatch` where parameters and the model's table
 * differ, `checkpoint-dtype` for a number too big for F16.
 */
export function writeWeights(
  model: EncoderConfig,
  parameters: ReadonlyMap<string, Float32Array>,
  dtype: WrittenDtype,
): WrittenWeights {
  const wanted = encoderParameterShapes(model);
  const stray = [...parameters.keys()].find((name) => !wanted.has(name));
  if (stray !== undefined) throw new VisionError("checkpoint-unexpected-tensor", `${stray}: the model has none`);
  let learned = 0;
  for (const [name, size] of wanted) {
    const { length } = expectParameter(name, size, parameters.get(name));
    if (!isStatistic(name)) learned += length;
  }
  const { shapes, read, nameInFile } = toFile(model, wanted, (name) => parameters.get(name)!);
  const tensors = new Map<string, HostTensor>();
  for (const [name, size] of shapes) {
    tensors.set(nameInFile(name), encodeParameter(name, size, read(name), isStatistic(name) ? "F32" : dtype));
  }
  return { file: writeSafetensors(tensors, { format: "pt" }), learned }; // transformers refuses a file without it
}

const toFile = (model: EncoderConfig, shapes: ToFile["shapes"], read: ToFile["read"]): ToFile =>
  model.type === "vit" ? vitToFile(model.config, read) : { shapes, read, nameInFile: (name) => name };

/** Throws `checkpoint-missing-tensor` or `-shape-mismatch` for what is not of this shape. */
export function expectParameter(name: string, shape: Shape, values: Float32Array | undefined): Float32Array {
  if (!values) throw new VisionError("checkpoint-missing-tensor", `${name}: wanted [${shape.join(", ")}], got nothing`);
  const wanted = elementCount(shape);
  if (values.length === wanted) return values;
  throw new VisionError(
    "checkpoint-shape-mismatch",
    `${name}: wanted ${wanted} numbers for [${shape.join(", ")}], got ${values.length}`,
  );
}

/** In the file's precision. Throws `checkpoint-dtype` for a number too big for F16. */
export function encodeParameter(name: string, shape: Shape, values: Float32Array, dtype: WrittenDtype): HostTensor {
  if (dtype === "F32") return floatTensor(shape, values);
  const narrowed = floatsToHalves(values);
  if ("halves" in narrowed) return { dtype, shape, bytes: new Uint8Array(narrowed.halves.buffer) };
  throw new VisionError(
    "checkpoint-dtype",
    `${name}: wanted numbers up to ±${LARGEST_HALF} for F16, got ${values[narrowed.tooBigAt]}; write F32 instead`,
  );
}
