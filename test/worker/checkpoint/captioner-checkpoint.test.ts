import { describe, expect, test } from "vitest";
import { readModelConfig } from "../../../worker/checkpoint/config/declared-model.ts";
import { inspectModel } from "../../../worker/checkpoint/inspect-model.ts";
import { openAnyModel, openModel, type OpenedCaptioner } from "../../../worker/checkpoint/open-model.ts";
import { readSafetensors, writeSafetensors } from "../../../worker/checkpoint/safetensors.ts";
import { settleCaptioner } from "../../../worker/checkpoint/settle-captioner.ts";
import type { VisionErrorCode } from "../../../worker/contract/errors.ts";
import { elementCount, type HostTensor } from "../../../worker/contract/host-tensor.ts";
import type { ModelFolder } from "../../../worker/contract/model-folder.ts";
import { BYTE_SYMBOLS } from "../../../worker/text/byte-symbols.ts";
import { goldenFile } from "../../setup/golden.ts";
import {
  goldenJson,
  gpt2Folder,
  GPT2_WORDS,
  ownFolder,
  type OwnCaptioner,
} from "../runtime/captioner/captioner-folders.ts";
import { expectRefusal } from "./code-of.ts";
import { memoryFolder } from "./scheme-folder.ts";

type Tensors = Map<string, HostTensor>;
type Json = Record<string, unknown> & { encoder: Record<string, unknown>; decoder: Record<string, unknown> };

const KINDS = ["recurrent", "transformer", "gpt2"] as const;
const folderOf = (kind: (typeof KINDS)[number]): Promise<ModelFolder> | ModelFolder =>
  kind === "gpt2" ? gpt2Folder() : ownFolder(kind);

async function open(folder: ModelFolder): Promise<OpenedCaptioner> {
  const opened = await openAnyModel(folder);
  if (opened.type !== "captioner") throw new Error(`wanted a captioner, got ${opened.type}`);
  return opened;
}

/** One of our folders, its files and tensors changed. */
async function changed(
  name: OwnCaptioner,
  files: Record<string, unknown>,
  change: (tensors: Tensors) => void = () => undefined,
  config: (json: Json) => unknown = (json) => json,
): Promise<ModelFolder> {
  const inside = `captioner-folders/${name}`;
  const tensors = new Map(readSafetensors((await goldenFile(`${inside}/model.safetensors`))!));
  change(tensors);
  return memoryFolder({
    "config.json": config(await goldenJson<Json>(`${inside}/config.json`)),
    "preprocessor_config.json": await goldenJson(`${inside}/preprocessor_config.json`),
    "vocabulary.json": await goldenJson(`${inside}/vocabulary.json`),
    "model.safetensors": writeSafetensors(tensors),
    ...files,
  });
}

describe.each(KINDS)("%s", (kind) => {
  test("opens with every tensor of its encoder and its decoder, and inspecting it finds nothing wrong", async () => {
    const folder = await folderOf(kind);
    const { config, parameters, ...opened } = await open(folder);
    expect(opened).toMatchObject({ labels: [], labelGroups: [], dtype: "F32" });
    const { problems, parameters: count, ...told } = await inspectModel(folder);
    expect(problems).toEqual([]);
    expect(told).toMatchObject({ type: "captioner", labels: [], missing: [], unexpected: [], misshapen: [] });
    const learned = [...parameters].filter(([name]) => !name.includes(".running_"));
    expect(count).toBe(learned.reduce((sum, [, { shape }]) => sum + elementCount(shape), 0));
    const again = readModelConfig(told.config);
    if (again.type !== "captioner") throw new Error("it tells of another kind of model");
    const tensors = new Map([...parameters].map(([name, tensor]) => [name, tensor]));
    expect(settleCaptioner(again.declared, tensors).config).toEqual(config);
  });

  test("is no model that could be trained as a classifier", async () => {
    const folder = await folderOf(kind);
    await expectRefusal(() => openModel(folder), "config-unsupported", folder.origin, "got a captioner");
  });
});

describe("its grid", () => {
  test("is the last map, or the patches, by the pooling", async () => {
    expect((await open(ownFolder("recurrent"))).config.grid).toEqual({ width: 4, height: 3 }); // 16 × 12 by 4
    expect((await open(ownFolder("transformer"))).config.grid).toEqual({ width: 2, height: 2 }); // 4 × 4 by 2
    expect((await open(await gpt2Folder())).config.grid).toEqual({ width: 4, height: 4 });
  });

  test("must be divided by the pooling, both ways", async () => {
    const folder = await changed("recurrent", {}, undefined, (json) => ({ ...json, feature_pooling: 8 }));
    const words = ["feature_pooling", "divisor of the encoder's 12 × 16 places", "got 8"];
    await expectRefusal(() => openAnyModel(folder), "config-malformed", ...words);
    expect((await inspectModel(folder)).problems).toMatchObject([{ code: "config-malformed" }]);
  });
});

test.each([
  ["recurrent", "feature_size", "10"],
  ["transformer", "feature_size", "16"],
] as const)("a %s decoder must be as wide as its encoder", async (name, field, width) => {
  const other = (json: Json) => ({ ...json, decoder: { ...json.decoder, [field]: 9 } });
  const folder = await changed(name, {}, undefined, other);
  await expectRefusal(
    () => openAnyModel(folder),
    "config-malformed",
    `decoder.${field}`,
    `encoder's ${width}`,
    "got 9",
  );
});

describe("its tensors", () => {
  const zeros = (shape: number[]): HostTensor => ({
    dtype: "F32",
    shape,
    bytes: new Uint8Array(4 * elementCount(shape)),
  });
  const put = (name: string, shape: number[]) => (tensors: Tensors) => void tensors.set(name, zeros(shape));
  const drop = (name: string) => (tensors: Tensors) => void tensors.delete(name);
  const cases: [OwnCaptioner, string, (tensors: Tensors) => void, VisionErrorCode, string[]][] = [
    [
      "recurrent",
      "none of the encoder's",
      drop("encoder.stem.conv.weight"),
      "checkpoint-missing-tensor",
      ["encoder.stem.conv.weight"],
    ],
    [
      "recurrent",
      "none of the decoder's",
      drop("decoder.gate.bias"),
      "checkpoint-missing-tensor",
      ["decoder.gate.bias"],
    ],
    [
      "recurrent",
      "another shape",
      put("decoder.embedding.weight", [14, 6]),
      "checkpoint-shape-mismatch",
      ["[15, 6]", "[14, 6]"],
    ],
    [
      "recurrent",
      "one too many",
      put("decoder.extra.weight", [1]),
      "checkpoint-unexpected-tensor",
      ["decoder.extra.weight"],
    ],
    [
      "transformer",
      "one of the ViT's",
      drop("encoder.layernorm.bias"),
      "checkpoint-missing-tensor",
      ["encoder.layernorm.bias"],
    ],
    [
      "transformer",
      "one too many of its",
      put("encoder.extra", [1]),
      "checkpoint-unexpected-tensor",
      ["encoder.extra"],
    ],
  ];
  test.each(cases)("%s: %s", async (name, _, change, code, words) => {
    const folder = await changed(name, {}, change);
    await expectRefusal(() => openAnyModel(folder), code, ...words);
    expect((await inspectModel(folder)).problems.map((problem) => problem.code)).toContain(code);
  });

  test("heads and poolers of an encoder are left where they are, and said to be", async () => {
    const pooler = (tensors: Tensors) => {
      put("encoder.pooler.dense.weight", [16, 16])(tensors);
      put("encoder.classifier.weight", [3, 16])(tensors);
    };
    const folder = await changed("transformer", {}, pooler, (json) => ({
      ...json,
      encoder: { ...json.encoder, architectures: ["ViTForImageClassification"] },
    }));
    expect([...(await open(folder)).parameters.keys()].filter((name) => /pooler|classifier/.test(name))).toEqual([]);
    const { ignored, notes } = await inspectModel(folder);
    expect(ignored.map(({ name }) => name)).toEqual(["encoder.pooler.dense.weight", "encoder.classifier.weight"]);
    expect(notes[0]).toContain("features alone");
    const own = await inspectModel(ownFolder("recurrent"));
    expect(own.ignored.map(({ name }) => name)).toEqual(["encoder.head.weight", "encoder.head.bias"]);
  });

  test("GPT-2's masks and a tied output are no part of it; an untied one is", async () => {
    const tensors = new Map(readSafetensors((await goldenFile("vit-gpt2/model.safetensors"))!));
    for (const name of ["attn.bias", "attn.masked_bias", "crossattention.bias", "crossattention.masked_bias"])
      tensors.set(`decoder.transformer.h.0.${name}`, zeros([1]));
    tensors.set("decoder.lm_head.weight", zeros([50, 32]));
    tensors.set("encoder.pooler.dense.bias", zeros([32]));
    const weights = writeSafetensors(tensors);
    const tied = await open(await gpt2Folder({ "model.safetensors": weights }));
    expect([...tied.parameters.keys()]).toEqual([...(await open(await gpt2Folder())).parameters.keys()]);
    const config = await goldenJson<Json>("vit-gpt2/config.json");
    const untied = { ...config, decoder: { ...config.decoder, tie_word_embeddings: false } };
    const folder = await gpt2Folder({ "model.safetensors": weights, "config.json": untied });
    expect((await open(folder)).parameters.has("decoder.lm_head.weight")).toBe(true);
    const without = await gpt2Folder({ "config.json": untied });
    await expectRefusal(() => openAnyModel(without), "checkpoint-missing-tensor", "decoder.lm_head.weight");
  });
});

describe("the words of our own", () => {
  const refuse = async (words: unknown, code: VisionErrorCode, ...told: string[]) => {
    const folder = await changed("recurrent", { "vocabulary.json": words });
    await expectRefusal(() => openAnyModel(folder), code, ...told);
    expect((await inspectModel(folder)).problems.map((problem) => problem.code)).toEqual([code]);
  };

  test("end, start and what is never said are the vocabulary's", async () => {
    const { speech } = await open(ownFolder("recurrent"));
    expect(speech).toMatchObject({ startToken: 1, endTokens: [2], suppressed: [0, 1, 3] });
    expect(speech.tokenizer.decode([4, 5, 6, 8])).toBe("a dog's runs");
  });

  test("are as many as the embedding has rows, and some", async () => {
    const { words } = await goldenJson<{ words: string[] }>("captioner-folders/recurrent/vocabulary.json");
    await refuse({ words: words.slice(0, -1) }, "config-malformed", "vocabulary.json", "wanted 15 tokens", "got 14");
    await refuse({ words: [...words, "more"] }, "config-malformed", "wanted 15 tokens", "got 16");
    await refuse({ words: [] }, "config-malformed", "vocabulary.json", "no words");
    await refuse({ words: words.slice(0, 4) }, "config-malformed", "only <pad>");
    await refuse([], "config-malformed", "vocabulary.json");
    await refuse(undefined, "source-not-found", "no vocabulary.json", "no words without");
    await refuse(new TextEncoder().encode("<!doctype html>"), "source-not-json", "vocabulary.json");
  });

  test("are read before the weights are asked for", async () => {
    const inner = await changed("recurrent", { "vocabulary.json": undefined });
    const asked: string[] = [];
    const folder = { ...inner, read: (path: string) => (asked.push(path), inner.read(path)) };
    await expectRefusal(() => openAnyModel(folder), "source-not-found");
    expect(asked).not.toContain("model.safetensors");
  });
});

describe("the words of a GPT-2", () => {
  /** A byte-level BPE of 256 bytes, two merges and the end of the text; `constructor` is a token like any other. */
  const vocab = { ...Object.fromEntries(BYTE_SYMBOLS.map((symbol, id) => [symbol, id])), Ġa: 256, constructor: 258 };
  const merges = "#version: 0.2\nĠ a\n";
  const end = { id: 257, content: "<|endoftext|>", special: true };
  const tokenizer = {
    model: { type: "BPE", vocab, merges: ["Ġ a"] },
    pre_tokenizer: { type: "ByteLevel" },
    added_tokens: [end],
  };
  const text = (content: string) => new TextEncoder().encode(content);

  /** The reference's folder with an embedding of other height. */
  async function withRows(rows: number, files: Record<string, unknown>): Promise<ModelFolder> {
    const config = await goldenJson<Json>("vit-gpt2/config.json");
    const tensors = new Map(readSafetensors((await goldenFile("vit-gpt2/model.safetensors"))!));
    const name = "decoder.transformer.wte.weight";
    tensors.set(name, { dtype: "F32", shape: [rows, 32], bytes: new Uint8Array(rows * 32 * 4) });
    const ids = { decoder_start_token_id: 257, eos_token_id: 257, bos_token_id: 257 };
    return gpt2Folder({
      "config.json": { ...config, ...ids, decoder: { ...config.decoder, vocab_size: rows } },
      "model.safetensors": writeSafetensors(tensors),
      "vocabulary.json": undefined,
      ...files,
    });
  }

  test.each([
    ["tokenizer.json", { "tokenizer.json": tokenizer }],
    ["vocab.json and merges.txt", { "vocab.json": { ...vocab, "<|endoftext|>": 257 }, "merges.txt": text(merges) }],
    [
      "with added_tokens.json",
      { "vocab.json": vocab, "merges.txt": text(merges), "added_tokens.json": { "<|endoftext|>": 257 } },
    ],
  ])("come from %s", async (_, files) => {
    const { speech } = await open(await withRows(259, files));
    expect(speech).toMatchObject({ startToken: 257, endTokens: [257], suppressed: [] });
    expect(speech.tokenizer.decode([256, ...speech.tokenizer.encode(" é"), 257])).toBe(" a é");
  });

  test("may be fewer than the embedding's rows, or have gaps: such tokens are never said; more are refused", async () => {
    const files = { "tokenizer.json": { ...tokenizer, added_tokens: [{ ...end, id: 260 }] } };
    const { speech } = await open(await withRows(264, files));
    expect(speech.suppressed).toEqual([259, 261, 262, 263]); // 257 ends a sentence, and needs no text for it
    const ending = { ...files, "generation_config.json": { eos_token_id: [260, 263] } };
    const ended = await open(await withRows(264, ending));
    expect(ended.speech.suppressed).toEqual([257, 259, 261, 262]);
    const folder = await withRows(260, files);
    const words = ["tokenizer.json", "at most 260 tokens", "got 261"];
    await expectRefusal(() => openAnyModel(folder), "config-malformed", ...words);
    expect((await inspectModel(folder)).problems).toMatchObject([{ code: "config-malformed" }]);
  });

  test("generation_config.json speaks before config.json", async () => {
    const generation = { decoder_start_token_id: 3, eos_token_id: [4, 7], num_beams: 5 };
    const { speech } = await open(await gpt2Folder({ "generation_config.json": generation }));
    expect(speech).toMatchObject({ startToken: 3, endTokens: [4, 7], suppressed: [] });
    const kept = await open(await gpt2Folder({ "generation_config.json": { eos_token_id: 9 } }));
    expect(kept.speech).toMatchObject({ startToken: 1, endTokens: [9] });
    expect(GPT2_WORDS).toHaveLength(50);
  });

  const refuse = async (files: Record<string, unknown>, code: VisionErrorCode, ...words: string[]) => {
    await expectRefusal(async () => openAnyModel(await gpt2Folder(files)), code, ...words);
  };

  test("refused: none, half of them, none of a captioner's, a token beyond the vocabulary", async () => {
    const none = { "vocabulary.json": undefined };
    await refuse(none, "source-not-found", "memory:vit-gpt2", "no tokenizer.json", "merges.txt");
    await refuse({ ...none, "vocab.json": vocab }, "source-not-found", "merges.txt");
    await refuse({ ...none, "vocab.json": {}, "merges.txt": text("") }, "config-malformed", "a token for every byte");
    await refuse({ "tokenizer.json": { model: { type: "WordPiece" } } }, "config-malformed", "tokenizer.json", "BPE");
    const pointer = text("version https://git-lfs.github.com/spec/v1\n");
    await refuse({ ...none, "vocab.json": vocab, "merges.txt": pointer }, "source-lfs-pointer", "merges.txt");
    await refuse({ "generation_config.json": { eos_token_id: 50 } }, "config-malformed", "eos_token_id", "50");
    await refuse({ "generation_config.json": { eos_token_id: [4, 51] } }, "config-malformed", "eos_token_id", "51");
    await refuse({ "generation_config.json": { eos_token_id: -1 } }, "config-malformed", "eos_token_id");
    await refuse({ "generation_config.json": [] }, "config-malformed", "generation_config.json", "an object");
    const { decoder_start_token_id, bos_token_id, ...silent } = await goldenJson<Json>("vit-gpt2/config.json");
    expect([decoder_start_token_id, bos_token_id]).toEqual([1, 1]);
    await refuse({ "config.json": silent }, "config-malformed", "decoder_start_token_id", "got nothing");
  });
});
