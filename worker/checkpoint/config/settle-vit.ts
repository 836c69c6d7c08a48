import { VisionError } from "../../contract/errors.ts";
import type { HostTensors, Shape } from "../../contract/host-tensor.ts";
import type { Size } from "../../contract/geometry.ts";
import { gridOf, type VitConfig } from "../../models/vit/config.ts";
import { countLayers, headsInFile, locate, shapeInFile } from "../file-tensors.ts";
import type { FileNaming } from "../names/detect-scheme.ts";
import { guessHeads } from "./guess-heads.ts";
import { malformed, MAX_LAYERS } from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import type { VitLayout } from "../vit-layout.ts";
import { countClasses } from "./labels.ts";

/** A ViT of which everything is known but perhaps the number of heads, which no tensor's shape tells. */
export type VitOfUnknownHeads = Omit<VitConfig, "heads"> & { readonly heads: number | null };

/** Such a ViT, and how its file holds it. */
export type SettledVit = { readonly config: VitOfUnknownHeads; readonly layout: VitLayout };

const DEFAULT_CLASSES = 2; // what transformers builds where a config with a classifier tells no number

/**
 * What the config states, completed by what the tensors' shapes tell.
 * Throws `checkpoint-missing-tensor` where the shape that would tell is not there, `config-malformed` for a contradiction.
 */
export function settleVit(declared: DeclaredVit, naming: FileNaming, tensors: HostTensors): SettledVit {
  const told: Told = {
    shape: (canonical) => shapeInFile(canonical, naming, tensors),
    size: (canonical, axis) => toldBy(canonical, axis, naming, tensors),
  };
  const has = (canonical: string) => told.shape(canonical) !== null;
  const sizes = settleSizes(declared, told, () => countLayers(naming, tensors));
  const tokens = settleTokens(declared, naming, told);
  const { positioned, ...positions } = settlePositions(declared, tokens, sizes.patchSize, told);
  const config: VitOfUnknownHeads = {
    ...sizes,
    ...positions,
    heads: declared.heads ?? headsInFile(naming, tensors) ?? guessHeads(sizes, naming.scheme),
    activation: declared.activation ?? "gelu",
    layerNormEpsilon: declared.layerNormEpsilon ?? naming.scheme.layerNormEpsilon,
    queryKeyValueBias: declared.queryKeyValueBias ?? has("encoder.layer.0.attention.attention.query.bias"),
    ...tokens,
    ...settleHeads(declared, sizes.hiddenSize, told),
  };
  checkSizes(config);
  const layerScale = declared.layerScale ?? has("encoder.layer.0.layer_scale1.lambda1");
  return { config, layout: { layerScale, positioned } };
}

/** What tensors tell. */
type Told = {
  readonly shape: (canonical: string) => Shape | null; // null: there is no such tensor
  readonly size: (canonical: string, axis: number) => number; // throws where there is none
};

function settleSizes(declared: DeclaredVit, { size }: Told, layersInFile: () => number) {
  const projection = "embeddings.patch_embeddings.projection.weight";
  return {
    patchSize: declared.patchSize ?? { height: size(projection, 2), width: size(projection, 3) },
    hiddenSize: declared.hiddenSize ?? size(projection, 0),
    channels: declared.channels ?? size(projection, 1),
    layers: declared.layers ?? layersInFile(),
    intermediateSize: declared.intermediateSize ?? size("encoder.layer.0.intermediate.dense.weight", 0),
  };
}

/** Which tokens stand before the patches, and how the sequence becomes one vector. */
function settleTokens(declared: DeclaredVit, { scheme }: FileNaming, { shape }: Told) {
  const has = (canonical: string) => shape(canonical) !== null;
  const pooling = declared.pooling ?? (scheme.finalNorm === "pooled" ? "mean" : "class");
  return {
    pooling,
    classToken: declared.classToken ?? (has("embeddings.cls_token") || pooling === "class"),
    distillationToken: declared.distillationToken ?? has("embeddings.distillation_token"),
    registers: declared.registers ?? shape("embeddings.register_tokens")?.[1] ?? 0,
    // on the class token alone, norm before or after pooling is the same
    finalNorm: pooling === "mean" ? scheme.finalNorm : "tokens",
  } as const;
}

type Tokens = ReturnType<typeof settleTokens>;

/** The size of pictures, and of those that positions were learned for; how many tokens before the patches have one. */
function settlePositions(declared: DeclaredVit, tokens: Tokens, patchSize: Size, { shape, size }: Told) {
  const learnedFor = declared.positionSize ?? declared.imageSize;
  const name = "embeddings.position_embeddings";
  const positioned = countPositioned(tokens, shape(name)?.[1], learnedFor, patchSize);
  const imageSize = declared.imageSize ?? squareImage(size(name, 1) - positioned, patchSize);
  return {
    positioned,
    imageSize,
    positionSize: learnedFor && !sameSize(learnedFor, imageSize) ? learnedFor : null,
    positionFilter: declared.positionFilter ?? (tokens.registers > 0 ? "antialiased" : "bicubic"),
  } as const;
}

/**
 * Of so many `positions` in the file: all tokens but the registers have one, as Hugging Face has it, or, in some of
 * timm's files, all of them or none.
 */
function countPositioned(
  { classToken, distillationToken, registers }: Tokens,
  positions: number | undefined,
  learnedFor: Size | undefined,
  patchSize: Size,
): number {
  const usual = Number(classToken) + Number(distillationToken);
  if (positions === undefined) return usual;
  const grid = learnedFor && gridOf(learnedFor, { patchSize });
  const isGrid = (cells: number): boolean =>
    grid ? cells === grid.width * grid.height : cells > 0 && Number.isInteger(Math.sqrt(cells));
  return [usual, usual + registers, 0].find((tokens) => isGrid(positions - tokens)) ?? usual;
}

const sameSize = (a: Size, b: Size): boolean => a.width === b.width && a.height === b.height;

function settleHeads(declared: DeclaredVit, hiddenSize: number, { shape }: Told) {
  const classes = settleClasses(declared, shape);
  return {
    classes,
    distillationHead: declared.distillationHead ?? shape("distillation_classifier.weight") !== null,
    patchHead: classes > 0 && (declared.patchHead ?? shape("classifier.weight")?.[1] === 2 * hiddenSize),
    // beside a classifier it is not used, and transformers drops it
    pooler: classes === 0 && ["weight", "bias"].some((leaf) => shape(`pooler.dense.${leaf}`) !== null),
  };
}

function settleClasses({ head, labels }: DeclaredVit, shape: Told["shape"]): number {
  if (head === false) return 0;
  const leaves = ["classifier.weight", "classifier.bias", "distillation_classifier.weight"];
  const rows = leaves.map((leaf) => shape(leaf)?.[0]).find((size) => size !== undefined) ?? null;
  if (rows === null && head !== true) return 0;
  return countClasses(labels, rows) || DEFAULT_CLASSES;
}

export const HEADS_UNKNOWN =
  "num_attention_heads: heads cannot be told from the weights; put a config.json with num_attention_heads beside them";

/** Throws `config-malformed` where nothing tells the number of heads. */
export function withHeads(config: VitOfUnknownHeads): VitConfig {
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

function checkSizes({ hiddenSize, heads, imageSize, patchSize, layers }: VitOfUnknownHeads): void {
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
