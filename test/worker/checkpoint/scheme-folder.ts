import { readSafetensors, toFloat32, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import type { HostTensor, HostTensors } from "../../../worker/contract/host-tensor.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import { goldenFile } from "../../setup/golden.ts";

export type SchemeName =
  | "hf4"
  | "hf4-bare"
  | "hf4-pooler-beside-classifier"
  | "hf5"
  | "hf5-bare"
  | "deit4"
  | "deit5"
  | "deit4-one-head"
  | "timm"
  | "timm-module"
  | "timm-distilled"
  | "timm-fc-norm"
  | "timm-mean-norm"
  | "dino"
  | "torchvision"
  | "torchvision-old";

type Parts = { readonly file: string; readonly parts: readonly string[] };

/** One naming scheme of test/golden/schemes/names.json. */
export type Scheme = {
  readonly config: Readonly<Record<string, unknown>>;
  /** Whose answers it must give: `expected-<case>.safetensors`, or a tensor of `expected-logits.safetensors`. */
  readonly case: string;
  readonly tensors: readonly Parts[];
};

async function goldenBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await goldenFile(path);
  if (!bytes) throw new Error(`test/golden/${path} is missing`);
  return bytes;
}

export async function readSchemes(): Promise<Record<SchemeName, Scheme>> {
  const bytes = await goldenBytes("schemes/names.json");
  return JSON.parse(new TextDecoder().decode(bytes)) as Record<SchemeName, Scheme>;
}

/** The base weights (F16), each by its name in `weights.safetensors`. */
export const readBaseWeights = async (): Promise<HostTensors> =>
  readSafetensors(await goldenBytes("schemes/weights.safetensors"));

/** The base weights renamed, and joined where the scheme fuses them, exactly as names.json lists them. */
export async function schemeTensors(scheme: Scheme): Promise<Map<string, HostTensor>> {
  const base = await readBaseWeights();
  return new Map(scheme.tensors.map(({ file, parts }) => [file, joinRows(parts.map((part) => base.get(part)!))]));
}

function joinRows(parts: readonly HostTensor[]): HostTensor {
  const [first] = parts;
  if (!first || parts.length === 1) return first!;
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.bytes.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part.bytes, at);
    at += part.bytes.length;
  }
  return { dtype: first.dtype, shape: [first.shape[0]! * parts.length, ...first.shape.slice(1)], bytes };
}

/** F16 → F32 (exact) or BF16 (rounded to nearest even, as PyTorch does). */
export function recode(tensor: HostTensor, dtype: "F32" | "BF16"): HostTensor {
  const values = Float32Array.from(toFloat32(tensor));
  if (dtype === "F32") return { dtype, shape: tensor.shape, bytes: new Uint8Array(values.buffer) };
  const bits = new Uint32Array(values.buffer);
  const halves = Uint16Array.from(bits, (word) => (word + 0x7fff + ((word >>> 16) & 1)) >>> 16);
  return { dtype, shape: tensor.shape, bytes: new Uint8Array(halves.buffer) };
}

/** A model folder whose files are given outright: bytes, or a value to be written as JSON. */
export function memoryFolder(files: Readonly<Record<string, unknown>>, name = "in memory"): ModelFolder {
  return {
    name,
    origin: `memory:${name}`,
    read: async (path) => {
      const content = files[path];
      if (content === undefined) return null;
      return content instanceof Uint8Array ? content.slice() : new TextEncoder().encode(JSON.stringify(content));
    },
  };
}

/** A whole model under one scheme's names; `config.json` and one weight file, in the precision asked for. */
export async function schemeFolder(name: SchemeName, dtype: "F16" | "F32" | "BF16" = "F16"): Promise<ModelFolder> {
  const scheme = (await readSchemes())[name];
  let tensors = await schemeTensors(scheme);
  if (dtype !== "F16") tensors = new Map([...tensors].map(([key, tensor]) => [key, recode(tensor, dtype)]));
  return memoryFolder({ "config.json": scheme.config, "model.safetensors": writeSafetensors(tensors) }, name);
}
