import type { HostTensor, HostTensors, Shape } from "../contract/host-tensor.ts";
import { asPyTorch } from "./flax-layout.ts";
import { headPrefixes, type FileNaming } from "./names/detect-scheme.ts";
import type { ModulePlace } from "./names/naming-scheme.ts";
import { modulePatterns, placeOf } from "./names/translate.ts";

/** A parameter's place in one file, by the file's own name, found or not; its tensor as PyTorch lays it out. */
export type Located = {
  readonly name: string;
  readonly part: ModulePlace["part"];
  readonly tensor: HostTensor | undefined;
};

/** Where a file, named as `naming` says, holds (or should hold) a canonical parameter. */
export function locate(canonical: string, naming: FileNaming, tensors: HostTensors): Located {
  const place = placeOf(canonical, naming.scheme);
  if (!place) throw new Error(`${canonical} is no parameter of a ViT`);
  const prefixes = place.head ? headPrefixes(naming.prefix) : [naming.prefix];
  const candidates = prefixes.map((prefix) => prefix + place.name);
  const name = candidates.find((candidate) => tensors.has(candidate)) ?? candidates.at(-1) ?? place.name;
  const tensor = tensors.get(name);
  return {
    name,
    part: place.part,
    tensor: tensor && place.inputAxes !== undefined ? asPyTorch(tensor, place.inputAxes) : tensor,
  };
}

/** The shape a canonical parameter has in the file; `null` where the file has none. */
export function shapeInFile(canonical: string, naming: FileNaming, tensors: HostTensors): Shape | null {
  const { tensor, part } = locate(canonical, naming, tensors);
  if (!tensor) return null;
  if (!part) return tensor.shape;
  const [rows = 0, ...rest] = tensor.shape;
  return [rows / part.of, ...rest];
}

/** Attention heads, where the file keeps them apart, as Flax does; `null` where it does not. */
export function headsInFile(naming: FileNaming, tensors: HostTensors): number | null {
  const { name } = locate("encoder.layer.0.attention.attention.query.weight", naming, tensors);
  const [, heads, width] = tensors.get(name)?.shape ?? [];
  return width === undefined ? null : heads!;
}

/** Encoder blocks in the file: the highest number + 1, so that a block missing in between is noticed. */
export function countLayers({ scheme, prefix }: FileNaming, tensors: HostTensors): number {
  const patterns = modulePatterns(scheme).map(({ pattern }) => pattern);
  let layers = 0;
  for (const name of tensors.keys()) {
    for (const pattern of patterns) {
      const groups = pattern.exec(name)?.groups;
      if (groups?.layer !== undefined && groups.prefix === prefix) layers = Math.max(layers, Number(groups.layer) + 1);
    }
  }
  return layers;
}
