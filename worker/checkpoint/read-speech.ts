import { VisionError } from "../contract/errors.ts";
import type { ModelFolder } from "../contract/model-folder.ts";
import type { CallOptions } from "../contract/progress.ts";
import { createBytePairEncoding } from "../text/byte-pair-encoding.ts";
import { readTokenizerFile, readVocabAndMerges } from "../text/byte-pair-files.ts";
import type { Tokenizer } from "../text/tokenizer.ts";
import { END, PAD, readVocabulary, START, UNKNOWN } from "../text/vocabulary.ts";
import { readTokenIds, type DeclaredCaptioner, type DeclaredTokens } from "./config/captioner-config.ts";
import { malformed } from "./config/check-json.ts";
import { readJson } from "./config/read-json.ts";
import { refuseLfsPointer } from "./recognise-wrong-file.ts";

/** What it takes to read a captioner's tokens aloud. */
export type Speech = {
  readonly tokenizer: Tokenizer;
  readonly startToken: number;
  readonly endTokens: readonly number[]; // one or more; any of them ends a sentence
  readonly suppressed: readonly number[]; // tokens that must not be said: they stand for no text
};

const VOCABULARY = "vocabulary.json";
const GENERATION = "generation_config.json";

type Read = (file: string) => Promise<Uint8Array | null>;

/**
 * The words of a captioner: of ours `vocabulary.json`; of a `VisionEncoderDecoderModel` `tokenizer.json`, `vocab.json` and
 * `merges.txt`, or ours. Throws `source-*`, or `config-malformed` where they do not fit the decoder: ours must be as many
 * as the embedding has rows; the rows that a Hugging Face embedding may have in addition are never said.
 */
export async function readSpeech(
  folder: ModelFolder,
  { decoder, tokens }: DeclaredCaptioner,
  options?: CallOptions,
): Promise<Speech> {
  const read: Read = (file) => folder.read(file, options);
  const rows = decoder.config.vocabularySize;
  const isOurs = decoder.kind !== "gpt2";
  const [tokenizer, file] = (isOurs ? null : await readBytePairs(read)) ?? (await readWords(read)) ?? [];
  if (!tokenizer || !file) {
    const wanted = isOurs ? VOCABULARY : `tokenizer.json, no vocab.json with merges.txt and no ${VOCABULARY}`;
    throw new VisionError(
      "source-not-found",
      `${folder.origin}: no ${wanted} there; a captioner has no words without.`,
    );
  }
  const { size } = tokenizer;
  if (isOurs ? size !== rows : size > rows) {
    const wanted = `${isOurs ? "" : "at most "}${rows} tokens, as many as the decoder's embedding has rows`;
    throw malformed(file, null, wanted, size);
  }
  const said = isOurs ? { start: START, ends: [END], ...tokens } : { ...tokens, ...(await readGenerationTokens(read)) };
  const { startToken, endTokens } = expectTokens(said, rows);
  const unsayable = isOurs ? [PAD, START, UNKNOWN] : unknownTokens(tokenizer, rows);
  return { tokenizer, startToken, endTokens, suppressed: unsayable.filter((token) => !endTokens.includes(token)) };
}

function expectTokens({ start, ends = [] }: DeclaredTokens, rows: number): Pick<Speech, "startToken" | "endTokens"> {
  const expectToken = (token: number | undefined, field: string): number => {
    if (token !== undefined && token < rows) return token;
    throw malformed("config.json", field, `a token below the vocabulary of ${rows}`, token);
  };
  const [first, ...others] = ends;
  return {
    startToken: expectToken(start, "decoder_start_token_id"),
    endTokens: [first, ...others].map((token) => expectToken(token, "eos_token_id")),
  };
}

const readWords = async (read: Read): Promise<[Tokenizer, string] | null> => {
  const bytes = await read(VOCABULARY);
  return bytes && [readVocabulary(readJson(bytes, VOCABULARY), VOCABULARY), VOCABULARY];
};

async function readBytePairs(read: Read): Promise<[Tokenizer, string] | null> {
  const whole = await read("tokenizer.json");
  if (whole) {
    const tables = readTokenizerFile(readJson(whole, "tokenizer.json"));
    return [createBytePairEncoding(tables), "tokenizer.json"];
  }
  const [vocab, merges] = [await read("vocab.json"), await read("merges.txt")];
  if (!vocab || !merges) return null;
  refuseLfsPointer(merges, "merges.txt");
  const added = await read("added_tokens.json");
  const tables = readVocabAndMerges(
    readJson(vocab, "vocab.json"),
    new TextDecoder().decode(merges),
    added ? readJson(added, "added_tokens.json") : undefined,
  );
  return [createBytePairEncoding(tables), "vocab.json"];
}

async function readGenerationTokens(read: Read): Promise<DeclaredTokens> {
  const bytes = await read(GENERATION);
  return bytes ? readTokenIds(readJson(bytes, GENERATION), GENERATION) : {};
}

/** Tokens below `rows` that stand for no text. */
function unknownTokens(tokenizer: Tokenizer, rows: number): number[] {
  const stands = (token: number): boolean => {
    if (token >= tokenizer.size) return false;
    try {
      tokenizer.startsWord(token);
      return true;
    } catch {
      return false; // a gap between its ids
    }
  };
  return Array.from({ length: rows }, (_, token) => token).filter((token) => !stands(token));
}
