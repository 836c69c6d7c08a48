import type { Shape } from "../../contract/host-tensor.ts";
import { vitParameterShapes } from "../../models/vit/parameters.ts";
import { prefixTokens, type VitConfig } from "../../models/vit/config.ts";
import { isDinov2 } from "../config/describe-config.ts";
import { HUGGING_FACE_4, HUGGING_FACE_4_TEACHER, HUGGING_FACE_DINOV2 } from "../names/hugging-face.ts";
import type { NamingScheme } from "../names/naming-scheme.ts";
import { placeOf } from "../names/translate.ts";
import { vitShapesInFile, type VitLayout } from "../vit-layout.ts";

type Read = (name: string) => Float32Array;

/** What a file holds of a model: names of its own, the shape of each, what stands there. */
export type ToFile = {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly read: Read;
  readonly nameInFile: (name: string) => string;
};

/** As the class of transformers holds it that `config.json` names; `read` gives a parameter by its canonical name. */
export function vitToFile(config: VitConfig, read: Read): ToFile {
  if (isDinov2(config)) return dinov2ToFile(config, read);
  const scheme = config.distillationHead ? HUGGING_FACE_4_TEACHER : HUGGING_FACE_4;
  const family = config.distillationToken ? "deit." : "vit.";
  return { shapes: vitParameterShapes(config), read, nameInFile: namesOf(scheme, config.classes === 0 ? "" : family) };
}

const MASK_TOKEN = "embeddings.mask_token"; // of pre-training: transformers misses it otherwise
const LAYOUT: VitLayout = { layerScale: true, positioned: 1 };

/**
 * Scales of 1 are added, and to a classifier's columns those of the mean patch, of zeros where it reads none. Registers
 * have no positions there: theirs are added to the tokens.
 */
function dinov2ToFile(config: VitConfig, read: Read): ToFile {
  const { hiddenSize: D, classes, patchHead } = config;
  const family = config.registers > 0 ? "dinov2_with_registers." : "dinov2.";
  const shapes = vitShapesInFile({ ...config, patchHead: classes > 0 }, LAYOUT);
  shapes.set(MASK_TOKEN, [1, D]);
  const positions = (): Float32Array => read("embeddings.position_embeddings");
  const made: Readonly<Record<string, Read>> = {
    [MASK_TOKEN]: () => new Float32Array(D),
    "embeddings.register_tokens": (name) => sum(read(name), positions().subarray(D)),
    "embeddings.position_embeddings": () => without(positions(), D, prefixTokens(config) * D),
    "classifier.weight": (name) =>
      besideEachOther(read(name), patchHead ? read("patch_classifier.weight") : new Float32Array(classes * D), classes),
  };
  const nameInFile = namesOf(HUGGING_FACE_DINOV2, classes === 0 ? "" : family);
  return {
    shapes,
    read: (name) => (/\.lambda1$/.test(name) ? new Float32Array(D).fill(1) : (made[name] ?? read)(name)),
    nameInFile: (name) =>
      name === MASK_TOKEN ? nameInFile("embeddings.cls_token").replace("cls", "mask") : nameInFile(name),
  };
}

/** Canonical name → name in a file. A bare model's names have no prefix, nor have heads. */
const namesOf =
  (scheme: NamingScheme, prefix: string) =>
  (canonical: string): string => {
    const place = placeOf(canonical, scheme);
    if (!place) throw new Error(`${canonical} is no parameter of a ViT`);
    return place.head ? place.name : prefix + place.name;
  };

const sum = (a: Float32Array, b: Float32Array): Float32Array => a.map((value, at) => value + b[at]!);

function without(values: Float32Array, from: number, until: number): Float32Array {
  const kept = new Float32Array(values.length - (until - from));
  kept.set(values.subarray(0, from));
  kept.set(values.subarray(until), from);
  return kept;
}

/** Two matrices of so many rows as one. */
function besideEachOther(left: Float32Array, right: Float32Array, rows: number): Float32Array {
  const width = left.length / rows;
  const joined = new Float32Array(2 * left.length);
  for (let row = 0; row < rows; row++) {
    joined.set(left.subarray(row * width, (row + 1) * width), 2 * row * width);
    joined.set(right.subarray(row * width, (row + 1) * width), (2 * row + 1) * width);
  }
  return joined;
}
