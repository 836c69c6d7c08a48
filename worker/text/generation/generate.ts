import type { Pause } from "../../contract/turns.ts";
import { createBeamSearch } from "./beam-search.ts";
import type { Decoder } from "./decoder.ts";
import { settleOptions, type GenerationOptions, type GenerationWishes } from "./options.ts";
import type { Generated, GeneratedToken } from "./path.ts";
import { readStep } from "./read-step.ts";
import type { Rules } from "./rules.ts";
import type { Search } from "./search.ts";
import { createStrandSearch } from "./strand-search.ts";
import { streamFinal } from "./stream-final.ts";

export type GenerationRequest<Batch> = {
  readonly batch: Batch;
  readonly photos: number; // how many the batch holds: the rows of a fresh state
  readonly startToken: number; // what every sentence is begun from; not part of it
  readonly endTokens: readonly number[]; // any of them ends a sentence; not part of it
  readonly options?: GenerationWishes;
};

export type GenerationRun = {
  /** Awaited before each step of the model; throw from it to stop. */
  readonly pause?: Pause | undefined;
  /** Told the next tokens of a photo's best sentence as soon as nothing can change them any more. */
  readonly onFinal?: ((photo: number, tokens: readonly GeneratedToken[]) => void) | undefined;
};

/**
 * Says sentences for each photo, as Hugging Face's `generate` would: greedy, by beam search, or drawn. Photos do not
 * change each other's sentences, and a photo that is done takes no part in further steps. The answer has a list for
 * each photo, best first. Throws `invalid-argument` for options that make no sense, `input-shape` for a step of the
 * model that does not fit.
 */
export async function generate<Batch, State>(
  decoder: Decoder<Batch, State>,
  { batch, photos, startToken, endTokens, options: wishes = {} }: GenerationRequest<Batch>,
  { pause, onFinal }: GenerationRun = {},
): Promise<Generated[][]> {
  const options = settleOptions(wishes);
  const rules: Rules = { ...options, startToken, endTokens };
  const searches = Array.from({ length: photos }, () => createSearch(options, rules));
  if (photos === 0) return [];
  const stream = onFinal ? streamFinal(searches, onFinal) : (): void => {};
  let state = decoder.start(batch);
  try {
    for (let step = 1; step <= options.maxWords; step++) {
      await pause?.();
      const last = searches.flatMap((search) => search.open().map((path) => path?.token ?? startToken));
      const rows = readStep(await decoder.step(state, Int32Array.from(last)), last.length, rules);
      const parents = advanceAll(searches, rows);
      if (step === options.maxWords) for (const search of searches) search.cut();
      stream();
      if (parents.length === 0 || step === options.maxWords) break;
      if (!isIdentity(parents, last.length)) state = decoder.reorder(state, Int32Array.from(parents));
    }
  } finally {
    decoder.release(state);
  }
  return searches.map((search) => search.results());
}

/** One beam is greedy decoding, as in Hugging Face's. */
const createSearch = (options: GenerationOptions, rules: Rules): Search =>
  options.beams > 1 ? createBeamSearch(options, rules) : createStrandSearch(options, rules);

/** Hands each search its rows, and tells which row each of those open now came from. */
function advanceAll(searches: readonly Search[], rows: ReturnType<typeof readStep>): number[] {
  const parents: number[] = [];
  let first = 0;
  for (const search of searches) {
    const count = search.open().length;
    if (count === 0) continue;
    const base = first;
    parents.push(...search.advance(rows.slice(base, base + count)).map((row) => base + row));
    first += count;
  }
  return parents;
}

const isIdentity = (parents: readonly number[], rows: number): boolean =>
  parents.length === rows && parents.every((parent, row) => parent === row);
