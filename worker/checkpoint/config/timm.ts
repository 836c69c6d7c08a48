import * as v from "valibot";
import { VisionError } from "../../contract/errors.ts";
import {
  bool,
  checkJson,
  isObject,
  count,
  layerCount,
  positiveInteger,
  positiveNumber,
  side,
  text,
  withoutNulls,
} from "./check-json.ts";
import type { DeclaredVit } from "./declared-vit.ts";
import { readActivation } from "./activation.ts";
import { NO_LABELS, readLabelTable } from "./labels.ts";
import { pretrainedCfgOf } from "./timm-recipe.ts";

type Variant = { readonly hiddenSize: number; readonly layers: number; readonly heads: number };

/** timm's sizes, by the second word of the architecture's name. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  tiny: { hiddenSize: 192, layers: 12, heads: 3 },
  small: { hiddenSize: 384, layers: 12, heads: 6 },
  base: { hiddenSize: 768, layers: 12, heads: 12 },
  large: { hiddenSize: 1024, layers: 24, heads: 16 },
  huge: { hiddenSize: 1280, layers: 32, heads: 16 },
};

/** Named like a plain ViT, yet built from other blocks. */
const OTHER_KINDS = /clip|siglip|relpos|rope|dinov3|giant.*dinov2|_rpn_|_r\d*_|\d+x\d+/;

const modelArgs = v.object({
  img_size: v.optional(side),
  patch_size: v.optional(side),
  in_chans: v.optional(positiveInteger),
  embed_dim: v.optional(positiveInteger),
  depth: v.optional(layerCount),
  num_heads: v.optional(positiveInteger),
  mlp_ratio: v.optional(positiveNumber),
  qkv_bias: v.optional(bool),
  class_token: v.optional(bool),
  act_layer: v.optional(text),
  norm_eps: v.optional(positiveNumber),
  num_classes: v.optional(count),
  global_pool: v.optional(text),
  pool_include_prefix: v.optional(v.literal(false, "false, the one patchlight computes")),
});

const threeSizes = v.tuple([positiveInteger, positiveInteger, positiveInteger], "[channels, height, width]");

const schema = v.object({
  architecture: text,
  num_classes: v.optional(count),
  num_features: v.optional(positiveInteger),
  global_pool: v.optional(text),
  label_names: v.optional(v.unknown()),
  model_args: v.optional(modelArgs),
  pretrained_cfg: v.optional(v.object({ input_size: v.optional(threeSizes) })),
});

/** timm's `config.json`. Throws `config-malformed`, or `config-unsupported` for another architecture or pooling. */
export function readTimmConfig(json: Readonly<Record<string, unknown>>, what: string): DeclaredVit {
  const inTodaysForm = { label_names: json.labels, ...json, pretrained_cfg: pretrainedCfgOf(json) };
  const config = checkJson(schema, withoutDeepNulls(inTodaysForm), what);
  const { architecture, model_args: args = {} } = config;
  if (!/^(vit|deit3?)_/.test(architecture) || OTHER_KINDS.test(architecture)) throw unsupported(architecture);
  const classes = first(config.num_classes, args.num_classes) ?? null;
  const distilled = architecture.includes("_distilled_");
  return {
    ...readSizes(config, args),
    activation: readActivation((args.act_layer ?? "gelu").replace("gelu_tanh", "gelu_pytorch_tanh"), what, "act_layer"),
    layerNormEpsilon: args.norm_eps ?? 1e-6,
    queryKeyValueBias: args.qkv_bias,
    positionFilter: "antialiased", // of `resample_abs_pos_embed`
    classToken: args.class_token,
    distillationToken: distilled,
    distillationHead: distilled && classes !== 0,
    pooling: readPooling(first(config.global_pool, args.global_pool), architecture),
    head: classes === null ? undefined : classes > 0,
    labels: {
      byIndex: config.label_names ? readLabelTable(config.label_names, what, "label_names") : NO_LABELS.byIndex,
      classes,
    },
  };
}

type TimmConfig = v.InferOutput<typeof schema>;

/** `model_args` go before the rest of the file, and that before what the architecture's name says. */
function readSizes(config: TimmConfig, args: v.InferOutput<typeof modelArgs>): Partial<DeclaredVit> {
  const width = first(args.embed_dim, config.num_features);
  const { variant, name } = trustedName(config.architecture, width);
  const hiddenSize = first(width, variant?.hiddenSize);
  const input = config.pretrained_cfg?.input_size;
  return {
    imageSize: first(args.img_size, input && { width: input[2], height: input[1] }, numberInName(name, /_(\d+)$/)),
    patchSize: first(args.patch_size, numberInName(name, /_patch(\d+)/)),
    channels: first(args.in_chans, input?.[0]),
    hiddenSize,
    layers: first(args.depth, variant?.layers),
    heads: first(args.num_heads, variant?.heads),
    intermediateSize: args.mlp_ratio && hiddenSize ? Math.trunc(hiddenSize * args.mlp_ratio) : undefined,
  };
}

/** With a width other than the name's, its depth, heads and sizes are not to be trusted either: the weights tell. */
function trustedName(architecture: string, width: number | undefined): { variant: Variant | undefined; name: string } {
  const variant = VARIANTS[architecture.split("_")[1] ?? ""];
  const altered = variant !== undefined && width !== undefined && width !== variant.hiddenSize;
  return altered ? { variant: undefined, name: "" } : { variant, name: architecture };
}

/** The first value that is there. */
const first = <Value>(...values: (Value | undefined)[]): Value | undefined =>
  values.find((value) => value !== undefined);

function withoutDeepNulls(json: Readonly<Record<string, unknown>>): object {
  const fields = withoutNulls(json);
  const inner = ["model_args", "pretrained_cfg"].filter((name) => isObject(fields[name]));
  return { ...fields, ...Object.fromEntries(inner.map((name) => [name, withoutNulls(fields[name] as object)])) };
}

function readPooling(name: string | undefined, architecture: string): "class" | "mean" | undefined {
  if (name === undefined) return undefined;
  if (name === "token" || name === "") return "class";
  if (name === "avg") return "mean";
  throw new VisionError(
    "config-unsupported",
    `config.json: global_pool: wanted token or avg, got "${name}" (${architecture})`,
  );
}

function numberInName(name: string, pattern: RegExp): { width: number; height: number } | undefined {
  const side = Number(pattern.exec(name)?.[1]);
  return side > 0 ? { width: side, height: side } : undefined;
}

const unsupported = (architecture: string): VisionError =>
  new VisionError(
    "config-unsupported",
    `config.json: this is timm's "${architecture}"; patchlight runs its plain vit_*, deit_* and deit3_* models ` +
      `(${Object.keys(VARIANTS).join(", ")}; DINOv2 too), and Hugging Face's vit, deit and dinov2`,
  );
