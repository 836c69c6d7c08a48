import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openModelFolder } from "../../src/node/model-folder.ts";
import { repositoryRoot } from "../../tools/repository-root.ts";
import { openModel } from "../../worker/checkpoint/open-model.ts";
import { writeModelFolder } from "../../worker/checkpoint/write/write-model-folder.ts";
import { elementCount } from "../../worker/contract/host-tensor.ts";
import type { Size } from "../../worker/contract/geometry.ts";
import type { ImageRecipe } from "../../worker/contract/pixels.ts";
import { createRandom } from "../../worker/contract/random.ts";
import type { VitConfig } from "../../worker/models/vit/config.ts";
import { vitParameterShapes } from "../../worker/models/vit/parameters.ts";
import { VIT_PRESETS } from "../../worker/models/vit/presets.ts";
import { writeOnnxAttentionCnn } from "./onnx-attention-cnn.ts";
import { writeOnnxVit } from "./onnx-vit.ts";

export type PresetName = keyof typeof VIT_PRESETS;
export type EmbeddedName = "everyday-vit" | "everyday-cnn";

/** What benches keep between two runs. */
export const CACHE = join(repositoryRoot, "node_modules/.cache/patchlight-bench");

/** Made anew when what writes them changes. */
const MODELS = join(CACHE, "models", fingerprint());

/** Where a server finds models, the first folder first. */
export const MODEL_FOLDERS = [MODELS, join(repositoryRoot, "public/models")];

/** Where transformers.js looks, beside its `config.json`. */
const ONNX_FILE = "onnx/model.onnx";

const CENTRED: ImageRecipe = {
  resize: { kind: "exact", width: 224, height: 224 },
  filter: "bilinear",
  crop: null,
  rescale: 1 / 255,
  normalise: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
};

const CARD = {
  summary: "Random weights.",
  data: "none",
  dataLicence: "none",
  recipe: "none",
  limits: "Knows nothing.",
};

/** The folder of a ViT with random weights, its ONNX model in it; `tell` hears of what is written, which takes a while. */
export function writePreset(name: PresetName, tell: (text: string) => void): void {
  const config: VitConfig = VIT_PRESETS[name];
  if (existsSync(join(MODELS, name, ONNX_FILE))) return;
  tell(`writing ${name} with random weights`);
  const parameters = drawParameters(config);
  const labels = Array.from({ length: config.classes }, (_, index) => `class ${index}`);
  const model = { type: "vit", config, recipe: CENTRED, labels, parameters, rawConfig: null } as const;
  for (const [file, bytes] of writeModelFolder(model, { ...CARD, name, accuracy: null })) write(name, file, bytes);
  write(
    name,
    ONNX_FILE,
    writeOnnxVit(config, (parameter) => parameters.get(parameter)!),
  );
}

/** The ONNX model of an embedded one, with its own weights as float32; → the size of the pictures that it takes. */
export async function writeEmbedded(name: EmbeddedName): Promise<Size> {
  const opened = await openModel(await openModelFolder(name));
  const { read } = opened;
  const bytes = opened.type === "vit" ? writeOnnxVit(opened.config, read) : writeOnnxAttentionCnn(opened.config, read);
  write(name, ONNX_FILE, bytes);
  return opened.config.imageSize;
}

/** Of about the size that training leaves. */
function drawParameters(config: VitConfig): Map<string, Float32Array> {
  const random = createRandom(1);
  const draw = (name: string, shape: readonly number[]): Float32Array => {
    const isScale = name.includes("norm") && name.endsWith(".weight");
    const count = elementCount(shape);
    const size = shape.length > 1 ? Math.sqrt((3 * shape[0]!) / count) : 0.1;
    return Float32Array.from({ length: count }, () => Number(isScale) + (2 * random() - 1) * size);
  };
  return new Map([...vitParameterShapes(config)].map(([name, shape]) => [name, draw(name, shape)]));
}

/** In one go: a run that was stopped leaves no half file. */
function write(name: string, file: string, bytes: Uint8Array): void {
  const path = join(MODELS, name, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}

function fingerprint(): string {
  const hash = createHash("sha256");
  for (const file of readdirSync(import.meta.dirname).sort())
    hash.update(readFileSync(join(import.meta.dirname, file)));
  return hash.digest("hex").slice(0, 16);
}
