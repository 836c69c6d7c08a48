import { VisionError } from "../../contract/errors.ts";
import type { HostTensors } from "../../contract/host-tensor.ts";
import type { Size } from "../../contract/geometry.ts";
import type { VitConfig } from "../../models/vit/config.ts";
import { countLayers, locate, shapeInFile } from "../file-tensors.ts";
import type { FileNaming } from "../names/detect-scheme.ts";
import { guessHeads } from "./guess-heads.ts";
import { malformed, MAX_LAYERS } from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { countClasses } from "./labels.ts";

/** A ViT of which everything is known but perhaps the number of heads, which no tensor's shape tells. */
export type SettledVit = Omit<VitConfig, "heads"> & { readonly heads: number | null };

const DEFAULT_CLASSES = 2; // what transformers builds where a config with a classifier tells no number

/**
 * What the config states, completed by what the tensors' shapes tell.
 * Throws `checkpoint-missing-tensor` where the shape that would tell is not there, `config-malformed` for a contradiction.
 */
export function settleVit(declared: DeclaredVit, naming: FileNaming, tensors: HostTensors): SettledVit {
  const shape = (canonical: string) => shapeInFile(canonical, naming, tensors);
  const has = (canonical: string) => shape(canonical) !== null;
  const tell = (canonical: string, axis: number) => toldBy(canonical, axis, naming, tensors);
  const projection = "embeddings.patch_embeddings.projection.weight";
  const patchSize = declared.patchSize ?? { height: tell(projection, 2), width: tell(projection, 3) };
  const hiddenSize = declared.hiddenSize ?? tell(projection, 0);
  const tokens = settleTokens(declared, naming, has);
  const imageOfPositions = () =>
    squareImage(
      tell("embeddings.position_embeddings", 1) - Number(tokens.classToken) - Number(tokens.distillationToken),
      patchSize,
    );
  const sizes = {
    hiddenSize,
    layers: declared.layers ?? countLayers(naming, tensors),
    intermediateSize: declared.intermediateSize ?? tell("encoder.layer.0.intermediate.dense.weight", 0),
  };
  const config: SettledVit = {
    ...sizes,
    imageSize: declared.imageSize ?? imageOfPositions(),
    patchSize,
    channels: declared.channels ?? tell(projection, 1),
    heads: declared.heads ?? guessHeads(sizes, naming.scheme),
    activation: declared.activation ?? "gelu",
    layerNormEpsilon: declared.layerNormEpsilon ?? naming.scheme.layerNormEpsilon,
    queryKeyValueBias: declared.queryKeyValueBias ?? has("encoder.layer.0.attention.attention.query.bias"),
    ...tokens,
    ...settleHeads(declared, shape),
  };
  checkSizes(config);
  return config;
}

type Has = (canonical: string) => boolean;

/** Which tokens stand before the patches, and how the sequence becomes one vector. */
function settleTokens(declared: DeclaredVit, { scheme }: FileNaming, has: Has) {
  const pooling = declared.pooling ?? (scheme.finalNorm === "pooled" ? "mean" : "class");
  return {
    pooling,
    classToken: declared.classToken ?? (has("embeddings.cls_token") || pooling === "class"),
    distillationToken: declared.distillationToken ?? has("embeddings.distillation_token"),
    // on the class token alone, norm before or after pooling is the same
    finalNorm: pooling === "mean" ? scheme.finalNorm : "tokens",
  } as const;
}

type ShapeOf = (canonical: string) => readonly number[] | null;

function settleHeads(declared: DeclaredVit, shape: ShapeOf) {
  const classes = settleClasses(declared, shape);
  return {
    classes,
    distillationHead: declared.distillationHead ?? shape("distillation_classifier.weight") !== null,
    // beside a classifier it is not used, and transformers drops it
    pooler: classes === 0 && ["weight", "bias"].some((leaf) => shape(`pooler.dense.${leaf}`) !== null),
  };
}

function settleClasses({ head, labels }: DeclaredVit, shape: ShapeOf): number {
  if (head === false) return 0;
  const leaves = ["classifier.weight", "classifier.bias", "distillation_classifier.weight"];
  const rows = leaves.map((leaf) => shape(leaf)?.[0]).find((size) => size !== undefined) ?? null;
  if (rows === null && head !== true) return 0;
  return countClasses(labels, rows) || DEFAULT_CLASSES;
}

export const HEADS_UNKNOWN =
  "num_attention_heads: heads cannot be told from the weights; put a config.json with num_attention_heads beside them";

/** Throws `config-malformed` where nothing tells the number of heads. */
export function withHeads(config: SettledVit): VitConfig {
  const { heads } = config;
  if (heads === null) throw new VisionError("config-malformed", `config.json: ${HEADS_UNKNOWN}`);
  return { ...config, heads };
}

function toldBy(canonical: string, axis: number, naming: FileNaming, tensors: HostTensors): number {
  const { name, tensor } = locate(canonical, naming, tensors);
  if (!tensor) {
    throw new VisionError(
      "checkpoint-missing-tensor",
      `${name}: not in the weights, and no config.json tells the model's size`,
    );
  }
  const size = shapeInFile(canonical, naming, tensors)?.[axis] ?? 0;
  if (Number.isInteger(size) && size > 0) return size;
  const got = tensor.shape.join(", ");
  throw new VisionError("checkpoint-shape-mismatch", `${name}: expected a size along axis ${axis}, got [${got}]`);
}

function squareImage(patches: number, patchSize: Size): Size {
  const cells = Math.sqrt(patches);
  if (!Number.isInteger(cells) || cells === 0) {
    throw malformed("config.json", "image_size", `a size, since ${patches} positions are no square grid`, undefined);
  }
  return { width: cells * patchSize.width, height: cells * patchSize.height };
}

function checkSizes({ hiddenSize, heads, imageSize, patchSize, layers }: SettledVit): void {
  if (layers < 1 || layers > MAX_LAYERS) {
    throw malformed("config.json", "num_hidden_layers", `1 to ${MAX_LAYERS} layers`, layers);
  }
  if (heads !== null && hiddenSize % heads !== 0) {
    throw malformed("config.json", "num_attention_heads", `a divisor of hidden_size ${hiddenSize}`, heads);
  }
  if (imageSize.width < patchSize.width || imageSize.height < patchSize.height) {
    const patch = `${patchSize.height} × ${patchSize.width}`;
    throw malformed("config.json", "image_size", `at least one patch of ${patch} pixels`, [
      imageSize.height,
      imageSize.width,
    ]);
  }
}
