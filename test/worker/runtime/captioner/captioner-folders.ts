import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import type { RgbImage } from "../../../../worker/contract/pixels.ts";
import { goldenFile, goldenFolder, goldenTensors, type GoldenTensor } from "../../../setup/golden.ts";
import { memoryFolder } from "../../checkpoint/scheme-folder.ts";

/** Of test/golden/captioner-folders. */
export const OWN_CAPTIONERS = ["recurrent", "transformer"] as const;
export type OwnCaptioner = (typeof OWN_CAPTIONERS)[number];

export const ownFolder = (name: OwnCaptioner): ModelFolder => goldenFolder(`captioner-folders/${name}`);

/** What PyTorch writes about its pictures. */
type Expected = {
  readonly greedy: readonly (readonly number[])[];
  readonly best: readonly (readonly number[])[];
  readonly best_score: readonly number[];
  readonly pictures: readonly RgbImage[];
  readonly features: GoldenTensor; // [B, L, C]
  readonly alphas: readonly Float32Array[]; // [T, L] of each picture's greedy sentence
};

export async function goldenJson<Json>(path: string): Promise<Json> {
  const bytes = await goldenFile(path);
  return JSON.parse(new TextDecoder().decode(bytes!)) as Json;
}

export async function expectedOf(name: OwnCaptioner): Promise<Expected> {
  const folder = `captioner-folders/${name}`;
  const tensors = await goldenTensors(`${folder}/expected.safetensors`);
  const told = await goldenJson<Omit<Expected, "pictures" | "features" | "alphas">>(`${folder}/expected.json`);
  const { shape, values } = tensors.get("pictures")!;
  const [count, height, width] = shape as [number, number, number];
  const size = height * width * 3;
  return {
    ...told,
    pictures: Array.from({ length: count }, (_, at) => ({
      width,
      height,
      data: Uint8Array.from(values.subarray(at * size, (at + 1) * size)),
    })),
    features: tensors.get("features")!,
    alphas: told.greedy.map((_, at) => tensors.get(`alphas.${at}`)!.values),
  };
}

/** As many words as golden/vit-gpt2 has tokens; the last three go on with the word before them. */
const ENDINGS = ["'s", "n't", "'ll"];
export const GPT2_WORDS = [
  ...["<pad>", "<start>", "<end>", "<unk>"],
  ...Array.from({ length: 43 }, (_, at) => `word${at}`),
  ...ENDINGS,
];

/** golden/vit-gpt2 with words for its tokens; `files` come beside or in the place of its own. */
export async function gpt2Folder(files: Readonly<Record<string, unknown>> = {}): Promise<ModelFolder> {
  return memoryFolder(
    {
      "config.json": await goldenJson("vit-gpt2/config.json"),
      "preprocessor_config.json": await goldenJson("vit-gpt2/preprocessor_config.json"),
      "model.safetensors": await goldenFile("vit-gpt2/model.safetensors"),
      "vocabulary.json": { words: GPT2_WORDS },
      ...files,
    },
    "vit-gpt2",
  );
}

/** A picture with something in it. */
export const picture = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: Uint8Array.from({ length: width * height * 3 }, (_, i) => (i * 11 + (i >> 4)) % 256),
});
