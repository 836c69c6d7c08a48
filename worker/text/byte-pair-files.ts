import * as v from "valibot";
import { VisionError } from "../contract/errors.ts";
import { BYTE_SYMBOLS } from "./byte-symbols.ts";
import { pairKey } from "./merge-pairs.ts";

/** What the files of a byte-level BPE say. */
export type BytePairTables = {
  readonly ids: ReadonlyMap<string, number>; // of tokens in the symbols of bytes
  readonly ranks: ReadonlyMap<string, number>; // of pairs, in the order in which they were learnt
  readonly added: ReadonlyMap<string, AddedToken>; // tokens that stand for themselves, by their text
  readonly prefixSpace: boolean; // a text is read as if a space stood before it
};

export type AddedToken = { readonly id: number; readonly special: boolean };

const END_OF_TEXT = "<|endoftext|>"; // the one special token of GPT-2, which its vocab.json has among the others

// Not v.record, which leaves out `constructor` and `prototype`: GPT-2 has tokens of these names.
const Table = v.custom<Record<string, unknown>>((json) => typeof json === "object" && json !== null, "an object");
const Merges = v.array(v.union([v.string(), v.tuple([v.string(), v.string()])]));

const Added = v.object({
  id: v.pipe(v.number(), v.integer(), v.minValue(0)),
  content: v.pipe(v.string(), v.minLength(1)),
  special: v.optional(v.boolean(), false),
  lstrip: v.optional(v.literal(false)),
  rstrip: v.optional(v.literal(false)),
  single_word: v.optional(v.literal(false)),
});

const TokenizerFile = v.object({
  model: v.object({ type: v.optional(v.literal("BPE")), vocab: Table, merges: Merges }),
  pre_tokenizer: v.object({ type: v.literal("ByteLevel"), add_prefix_space: v.optional(v.boolean(), false) }),
  added_tokens: v.optional(v.array(Added), []),
  normalizer: v.optional(v.null()),
});

/**
 * Hugging Face's `tokenizer.json` of a GPT-2, parsed. Throws `config-malformed` naming the field where it is another
 * tokenizer's, or where vocabulary and merges do not fit together.
 */
export function readTokenizerFile(json: unknown, what = "tokenizer.json"): BytePairTables {
  const { model, pre_tokenizer, added_tokens } = check(TokenizerFile, json, what);
  const pairs = model.merges.map((merge) => (typeof merge === "string" ? splitMerge(merge, what) : merge));
  const added = new Map(added_tokens.map(({ content, id, special }) => [content, { id, special }]));
  return fit(readIds(model.vocab, what), pairs, added, pre_tokenizer.add_prefix_space, what);
}

/**
 * `vocab.json`, parsed, and the text of `merges.txt`. `addedTokens`: `added_tokens.json`, parsed, where there is one.
 * Throws `config-malformed` as above.
 */
export function readVocabAndMerges(vocabulary: unknown, merges: string, addedTokens: unknown = {}): BytePairTables {
  const ids = readIds(vocabulary, "vocab.json");
  const extra = readIds(addedTokens, "added_tokens.json");
  const end = ids.get(END_OF_TEXT);
  const added = new Map([...(end === undefined ? [] : [[END_OF_TEXT, end] as const]), ...extra]);
  const lines = merges.split(/\r?\n/).filter((line, at) => line !== "" && !(at === 0 && line.startsWith("#version")));
  const pairs = lines.map((line) => splitMerge(line, "merges.txt"));
  return fit(
    ids,
    pairs,
    new Map(Array.from(added, ([text, id]) => [text, { id, special: true }])),
    false,
    "vocab.json",
  );
}

function readIds(json: unknown, what: string): Map<string, number> {
  const entries = Object.entries(check(Table, json, what));
  const ids = new Map<string, number>();
  for (const [token, id] of entries) {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0) ids.set(token, id);
    else throw new VisionError("config-malformed", `${what}: expected an id for ${token}, got ${JSON.stringify(id)}`);
  }
  return ids;
}

function splitMerge(line: string, what: string): [string, string] {
  const [left, right, ...more] = line.split(" ");
  if (left && right && more.length === 0) return [left, right];
  throw new VisionError("config-malformed", `${what}: expected two symbols and a space for each merge, got "${line}"`);
}

/** Every byte must have a token, so that every text can be written, and every merge must make one. */
function fit(
  ids: ReadonlyMap<string, number>,
  pairs: readonly (readonly [string, string])[],
  added: BytePairTables["added"],
  prefixSpace: boolean,
  what: string,
): BytePairTables {
  const lacking = [...BYTE_SYMBOLS, ...pairs.map(([left, right]) => left + right)].find((token) => !ids.has(token));
  if (lacking !== undefined) {
    throw new VisionError(
      "config-malformed",
      `${what}: expected a token for every byte and merge, none for ${lacking}`,
    );
  }
  if (new Set(ids.values()).size < ids.size) {
    throw new VisionError("config-malformed", `${what}: expected an id of its own for every token, got one twice`);
  }
  const ranks = new Map(pairs.map(([left, right], rank) => [pairKey(left, right), rank]));
  return { ids, ranks, added, prefixSpace };
}

function check<Schema extends v.GenericSchema>(schema: Schema, json: unknown, what: string): v.InferOutput<Schema> {
  const read = v.safeParse(schema, json, { abortEarly: true });
  if (read.success) return read.output;
  const [issue] = read.issues;
  const { expected, received } = issue;
  const path = v.getDotPath(issue);
  const message = `${what}: expected ${path ? `${path} to be ` : ""}${expected === "unknown" ? issue.message : expected}, got ${received}`;
  throw new VisionError("config-malformed", message);
}
