import { createHash } from "node:crypto";
import type { Page } from "playwright";
import { writeSafetensors } from "../../worker/checkpoint/safetensors.ts";
import { createRandom } from "../../worker/contract/random.ts";
import { elementCount, type HostTensor } from "../../worker/contract/host-tensor.ts";
import type { EmbeddedModel } from "../../worker/contract/model-folder.ts";
import type { AttentionCnnConfig } from "../../worker/models/attention-cnn/config.ts";
import { attentionCnnParameterShapes } from "../../worker/models/attention-cnn/parameters.ts";
import type { RecurrentConfig } from "../../worker/models/captioner/config.ts";
import { recurrentParameterShapes } from "../../worker/models/captioner/parameters.ts";
import type { GivenFile } from "./pictures.ts";

/** What may follow a word, and how likely. */
export type Grammar = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** `a small cat sleeps here`, and with less luck another animal that does something else. */
export const CATS: Grammar = {
  "<start>": { a: 1 },
  a: { small: 0.6, big: 0.25, brown: 0.15 },
  small: { cat: 0.7, dog: 0.3 },
  big: { cat: 0.7, dog: 0.3 },
  brown: { cat: 0.7, dog: 0.3 },
  cat: { sleeps: 0.8, runs: 0.2 },
  dog: { sleeps: 0.8, runs: 0.2 },
  sleeps: { here: 1 },
  runs: { here: 1 },
  here: { "<end>": 1 },
};

const SIDE = 16; // pixels; two strides of 2 leave 4 × 4 places
const WIDTH = 8; // of the features, the LSTM and the alignment
const UNHEARD = -30; // logit of a word that may not follow

/**
 * The files of a captioner whose words follow a grammar whatever it sees: each word's embedding is a column of its own,
 * and the output reads nothing else. Where it looks is drawn at random, and moves with every word.
 */
export function tinyCaptioner(grammar: Grammar): GivenFile[] {
  const words = [...new Set(["<pad>", "<start>", "<end>", "<unk>", ...Object.keys(grammar)])];
  const size = words.length;
  const random = createRandom(7);
  const tensors = new Map<string, HostTensor>();
  const put = (name: string, shape: readonly number[], value: (index: number) => number): void => {
    const values = Float32Array.from({ length: elementCount(shape) }, (_, index) => value(index));
    tensors.set(name, { dtype: "F32", shape, bytes: new Uint8Array(values.buffer) });
  };
  const draw = (): number => 2 * random() - 1;
  for (const [name, shape] of attentionCnnParameterShapes(ENCODER)) {
    const isNorm = shape.length === 1;
    put(`encoder.${name}`, shape, isNorm ? () => (/weight|var/.test(name) ? 1 : 0) : draw);
  }
  const logit = (word: string, next: string): number => Math.max(UNHEARD, Math.log(grammar[word]?.[next] ?? 0));
  for (const [name, shape] of recurrentParameterShapes(decoderConfig(size))) {
    const own = `decoder.${name}`;
    if (name === "embedding.weight") put(own, shape, (i) => (i % (size + 1) === 0 ? 1 : 0));
    else if (name === "output.weight") put(own, shape, (i) => logit(words[i % size]!, words[Math.floor(i / size)]!));
    else put(own, shape, name.startsWith("output") ? () => 0 : () => 3 * draw());
  }
  return [
    json("config.json", config(size)),
    json("preprocessor_config.json", PREPROCESSING),
    json("vocabulary.json", { words }),
    { name: "model.safetensors", mimeType: "", buffer: Buffer.from(writeSafetensors(tensors)) },
  ];
}

const NAME = "tiny-captioner";

/** Serves a captioner among the models of the page, behind those it has. */
export async function serveCaptioner(page: Page, grammar: Grammar): Promise<void> {
  const files = tinyCaptioner(grammar);
  const weights = files.find(({ name }) => name === "model.safetensors")!.buffer;
  const sha256 = createHash("sha256").update(weights).digest("hex");
  const summary = "Says the same of every photo.";
  const told = { name: NAME, type: "captioner", title: "Tiny captioner", summary } as const;
  const line: EmbeddedModel = { ...told, bytes: weights.length, parameters: 1, sha256 };
  await page.route("**/models/index.json", async (route) => {
    const { models } = (await (await route.fetch()).json()) as { models: EmbeddedModel[] };
    const others = models.filter(({ name }) => name !== "everyday-captioner");
    await route.fulfill({ json: { models: [...others, line] } });
  });
  await page.route(`**/models/${NAME}/*`, (route) => {
    const file = files.find(({ name }) => route.request().url().endsWith(`/${name}`));
    return route.fulfill(file ? { body: file.buffer } : { status: 404 });
  });
}

const ENCODER: AttentionCnnConfig = {
  imageSize: { width: SIDE, height: SIDE },
  channels: 3,
  stem: { channels: 4, stride: 2 },
  stages: [{ channels: WIDTH, blocks: 1, stride: 2 }],
  activation: "relu",
  batchNormEpsilon: 1e-5,
  attention: null,
  classes: 0,
};

const decoderConfig = (size: number): RecurrentConfig => ({
  vocabularySize: size,
  featureSize: WIDTH,
  embeddingSize: size,
  hiddenSize: WIDTH,
  alignmentSize: WIDTH,
  alignment: "dot",
  output: "deep",
});

const config = (size: number): object => ({
  architectures: ["RecurrentCaptioner"],
  model_type: "recurrent-captioner",
  encoder: {
    model_type: "attention-cnn",
    image_size: SIDE,
    num_channels: 3,
    stem_channels: ENCODER.stem.channels,
    stem_stride: ENCODER.stem.stride,
    stage_channels: [WIDTH],
    stage_blocks: [1],
    stage_strides: [2],
    hidden_act: "relu",
    attention: null,
  },
  decoder: {
    vocab_size: size,
    feature_size: WIDTH,
    embedding_size: size,
    hidden_size: WIDTH,
    alignment_size: WIDTH,
    alignment: "dot",
    output: "deep",
  },
  feature_pooling: 1,
});

const PREPROCESSING = {
  do_resize: true,
  size: { width: SIDE, height: SIDE },
  resample: 2,
  do_rescale: true,
  rescale_factor: 1 / 255,
  do_normalize: true,
  image_mean: [0.5, 0.5, 0.5],
  image_std: [0.5, 0.5, 0.5],
};

const json = (name: string, content: object): GivenFile => ({
  name,
  mimeType: "application/json",
  buffer: Buffer.from(JSON.stringify(content)),
});
