import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import { goldenFile, goldenFolder, goldenTensors, type GoldenTensor } from "../../../setup/golden.ts";
import {
  memoryFolder,
  readSchemes,
  schemeFolder,
  schemeTensors,
  type SchemeName,
} from "../../checkpoint/scheme-folder.ts";
import { readSafetensors, writeSafetensors } from "../../../../worker/checkpoint/safetensors.ts";

/** A checkpoint, what goes in, and PyTorch's answers under Hugging Face's names. */
export type GoldenCase = {
  readonly folder: ModelFolder;
  readonly pixels: GoldenTensor; // [B, 3, height, width]
  readonly expected: ReadonlyMap<string, GoldenTensor>;
  readonly interpolate: boolean;
};

type Tensors = Map<string, GoldenTensor>;

async function trained(folder: ModelFolder): Promise<GoldenCase> {
  const { pixel_values, ...expected } = Object.fromEntries(await goldenTensors("vit-hf/expected.safetensors"));
  return { folder, pixels: pixel_values!, expected: new Map(Object.entries(expected)), interpolate: false };
}

/** `expected-<case>` with every stage, or one tensor of `expected-logits`. */
async function expectedOf(name: string): Promise<Tensors> {
  if (name === "vit" || name === "distilled") return goldenTensors(`schemes/expected-${name}.safetensors`);
  const logits = await goldenTensors("schemes/expected-logits.safetensors");
  if (name !== "vit-no-head") return new Map([["logits", logits.get(name)!]]);
  const stages = await goldenTensors("schemes/expected-vit.safetensors");
  stages.delete("logits");
  return stages;
}

async function scheme(name: SchemeName, dtype: "F16" | "F32" | "BF16" = "F16"): Promise<GoldenCase> {
  const pixels = (await goldenTensors("schemes/inputs.safetensors")).get("pixel_values")!;
  const expected = await expectedOf(dtype === "BF16" ? "bfloat16" : (await readSchemes())[name].case);
  return { folder: await schemeFolder(name, dtype), pixels, expected, interpolate: false };
}

/** Hugging Face's names with another config, and without the tensors that it does away with. */
async function variant(expected: string, config: object, without = /^$/): Promise<GoldenCase> {
  const base = (await readSchemes()).hf4;
  const tensors = [...(await schemeTensors(base))].filter(([name]) => !without.test(name));
  const folder = memoryFolder({
    "config.json": { ...base.config, ...config },
    "model.safetensors": writeSafetensors(new Map(tensors)),
  });
  return { ...(await scheme("hf4")), folder, expected: await expectedOf(expected) };
}

async function interpolated(): Promise<GoldenCase> {
  const pixels = (await goldenTensors("schemes/inputs.safetensors")).get("pixel_values_48x40")!;
  const expected = await goldenTensors("schemes/expected-interpolated.safetensors");
  expected.delete("positions");
  return { folder: await schemeFolder("hf4"), pixels, expected, interpolate: true };
}

/** A folder of golden/dinov2; of another size, where transformers interpolates positions as it goes. */
async function dinov2(name: string, otherSize = false): Promise<GoldenCase> {
  const tensors = [...(await goldenTensors(`dinov2/${name}/expected.safetensors`))];
  const of = new Map(
    tensors.flatMap(([key, tensor]) =>
      key.startsWith("other/") === otherSize ? [[key.replace("other/", ""), tensor] as const] : [],
    ),
  );
  const pixels = of.get("pixel_values")!;
  of.delete("pixel_values");
  return { folder: goldenFolder(`dinov2/${name}`), pixels, expected: of, interpolate: otherSize };
}

/** A file of golden/file-kinds in the place of `model.safetensors`. */
async function fileKind(file: string, config = "none"): Promise<GoldenCase> {
  const expected = await goldenTensors("file-kinds/expected.safetensors");
  const pixels = expected.get("pixel_values")!;
  expected.delete("pixel_values");
  const files = { "config.json": `file-kinds/${config}`, "model.safetensors": `file-kinds/${file}` };
  return { folder: goldenFolder("file-kinds", files), pixels, expected, interpolate: false };
}

/** A folder of timm's in golden/dinov2 as the authors of its model name and lay out the same tensors. */
async function asPublished(name: string, rename: (name: string) => string): Promise<GoldenCase> {
  const ofTimm = readSafetensors((await goldenFile(`dinov2/${name}/model.safetensors`))!);
  const tensors = new Map([...ofTimm].map(([key, tensor]) => [rename(key), tensor]));
  const token = { dtype: "F16", shape: [1, 32], bytes: new Uint8Array(2 * 32) } as const;
  if (tensors.has("register_tokens")) {
    const { shape, bytes, dtype } = tensors.get("pos_embed")!; // the class token has a position, too
    const withClass = Uint8Array.of(...token.bytes, ...bytes);
    tensors.set("pos_embed", { dtype, shape: [1, shape[1]! + 1, 32], bytes: withClass }).set("mask_token", token);
  }
  const config = JSON.parse(new TextDecoder().decode((await goldenFile(`dinov2/${name}/config.json`))!)) as object;
  const folder = memoryFolder({ "config.json": config, "model.safetensors": writeSafetensors(tensors) });
  return { ...(await dinov2(name)), folder };
}

const DINOV2 = ["classifier", "registers", "registers-classifier"];
const DINOV2_OF_TIMM = ["timm-registers", "timm-registers-mean", "timm-deit3"];

const SCHEMES: SchemeName[] = [
  "hf4",
  "hf4-bare",
  "hf4-pooler-beside-classifier",
  "hf5",
  "hf5-bare",
  "deit4",
  "deit5",
  "deit4-one-head",
  "timm",
  "timm-module",
  "timm-distilled",
  "timm-fc-norm",
  "timm-mean-norm",
  "dino",
  "torchvision",
  "torchvision-old",
];

const besideConfig = goldenFolder("vit-torchvision", {
  "config.json": "vit-hf/config.json",
  "preprocessor_config.json": "vit-hf/preprocessor_config.json",
});

export const GOLDEN_CASES: readonly (readonly [string, () => Promise<GoldenCase>])[] = [
  ["vit-hf", () => trained(goldenFolder("vit-hf"))],
  ["vit-torchvision", () => trained(besideConfig)],
  ...SCHEMES.map((name) => [name, () => scheme(name)] as const),
  ["F32 weights", () => scheme("hf4", "F32")],
  ["BF16 weights", () => scheme("hf4", "BF16")],
  ["no bias on query, key and value", () => variant("no-qkv-bias", { qkv_bias: false }, /(query|key|value)\.bias$/)],
  ["GELU by tanh", () => variant("gelu-tanh", { hidden_act: "gelu_new" })],
  ["ReLU", () => variant("relu", { hidden_act: "relu" })],
  ["SiLU", () => variant("silu", { hidden_act: "silu" })],
  ["interpolated positions", interpolated],
  ["google-research's .npz", () => fileKind("model.npz")],
  ["PyTorch's file of a training run", () => fileKind("training.pth", "timm.json")],
  ["PyTorch's file of before 1.6", () => fileKind("legacy.pth", "timm.json")],
  ...[...DINOV2, ...DINOV2_OF_TIMM].map((name) => [`DINOv2, ${name}`, () => dinov2(name)] as const),
  ["DINOv2, published", () => asPublished("timm-registers", (key) => key.replace("reg_token", "register_tokens"))],
  ["DeiT III, published", () => asPublished("timm-deit3", (key) => key.replace(/ls([12])\.gamma/, "gamma_$1"))],
  ...DINOV2.map((name) => [`DINOv2, ${name}, another size`, () => dinov2(name, true)] as const),
];

/** Those that engines run, which know no other size than the model's. */
export const CASES_OF_THEIR_SIZE = GOLDEN_CASES.filter(([name]) => !/interpolated|another size/.test(name));
