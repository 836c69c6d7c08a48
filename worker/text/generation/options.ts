import { VisionError } from "../../contract/errors.ts";

/** Wider beams than this cost memory and gain nothing: captions get worse beyond about ten. */
export const MAX_BEAMS = 128;
/** Half of GPT-2's 1,024 positions, and far beyond any caption. */
export const MAX_WORDS = 512;
const MAX_ALTERNATIVES = 50; // for each word; more than anybody looks at

/** When the search for one photo is over, as in Hugging Face's `early_stopping`. */
export type EarlyStopping = boolean | "never";

/**
 * How sentences are searched for; names and defaults mirror Hugging Face's `generate`, whose name stands behind each.
 * One beam is greedy decoding; with `sampling`, tokens are drawn.
 */
export type GenerationOptions = {
  readonly beams: number; // num_beams, 1 to MAX_BEAMS
  readonly maxWords: number; // max_new_tokens, 1 to MAX_WORDS: tokens, the end token among them
  readonly minWords: number; // min_new_tokens: the end token may not come before as many others
  readonly returned: number; // num_return_sequences, at most `beams` unless sampling
  readonly lengthPenalty: number; // length_penalty: a score is the sum of log-probabilities / tokens ** this
  readonly earlyStopping: EarlyStopping; // true: stops with as many sentences as beams; "never": only when none better can come
  readonly noRepeatNgram: number; // no_repeat_ngram_size: no run of as many tokens twice; 0: off
  readonly repetitionPenalty: number; // repetition_penalty (Keskar et al., "CTRL", 2019); 1: off
  readonly groups: number; // num_beam_groups (Vijayakumar et al., "Diverse beam search", 2016); divides `beams`
  readonly diversityPenalty: number; // diversity_penalty: for each beam of an earlier group that said the same now
  readonly suppressed: readonly number[]; // suppress_tokens: never said
  readonly sampling: Sampling | null; // do_sample; only with one beam
  readonly alternatives: number; // how many of the likeliest tokens to note with each token said
};

export type Sampling = {
  readonly seed: number;
  readonly temperature: number; // above 0
  readonly topK: number; // only the k likeliest; 0: all
  readonly topP: number; // only the likeliest that reach this probability together, above 0; 1: all
};

const DEFAULTS: GenerationOptions = {
  beams: 1,
  maxWords: 20,
  minWords: 0,
  returned: 1,
  lengthPenalty: 1,
  earlyStopping: false,
  noRepeatNgram: 0,
  repetitionPenalty: 1,
  groups: 1,
  diversityPenalty: 0,
  suppressed: [],
  sampling: null,
  alternatives: 0,
};

export type GenerationWishes = Partial<Omit<GenerationOptions, "sampling">> & {
  readonly sampling?: Partial<Sampling> | null;
};

/** Fills in what was not said. Throws `invalid-argument` naming the option, the values it takes and the one it got. */
export function settleOptions({ sampling, ...wishes }: GenerationWishes): GenerationOptions {
  const options = { ...DEFAULTS, ...wishes, sampling: sampling ? settleSampling(sampling) : null };
  checkWhole("beams", options.beams, 1, MAX_BEAMS);
  checkWhole("maxWords", options.maxWords, 1, MAX_WORDS);
  checkWhole("minWords", options.minWords, 0, options.maxWords - 1, "maxWords - 1");
  checkWhole("returned", options.returned, 1, sampling ? MAX_BEAMS : options.beams, sampling ? undefined : "beams");
  checkWhole("noRepeatNgram", options.noRepeatNgram, 0, MAX_WORDS);
  checkWhole("groups", options.groups, 1, options.beams, "beams");
  checkWhole("alternatives", options.alternatives, 0, MAX_ALTERNATIVES);
  check("lengthPenalty", options.lengthPenalty, Number.isFinite(options.lengthPenalty), "a number");
  checkPositive("repetitionPenalty", options.repetitionPenalty);
  const { diversityPenalty: penalty, earlyStopping, beams, groups } = options;
  if (![true, false, "never"].includes(earlyStopping))
    throw wrong("earlyStopping", 'true, false or "never"', String(earlyStopping));
  check("diversityPenalty", penalty, Number.isFinite(penalty) && penalty >= 0, "a number of at least 0");
  check("groups", groups, beams % groups === 0, `a divisor of beams, ${beams}`);
  if (sampling) check("beams", beams, beams === 1, "1 while sampling");
  return options;
}

const SAMPLING: Sampling = { seed: 0, temperature: 1, topK: 0, topP: 1 };

function settleSampling(wishes: Partial<Sampling>): Sampling {
  const names = Object.keys(SAMPLING);
  const foreign =
    typeof wishes === "object" ? Object.keys(wishes).find((name) => !names.includes(name)) : typeof wishes;
  if (foreign !== undefined) throw wrong("sampling", `an object of ${names.join(", ")}`, foreign);
  const sampling = { ...SAMPLING, ...wishes };
  checkWhole("seed", sampling.seed, 0, 2 ** 32 - 1);
  checkPositive("temperature", sampling.temperature);
  checkWhole("topK", sampling.topK, 0, Number.MAX_SAFE_INTEGER);
  check("topP", sampling.topP, sampling.topP > 0 && sampling.topP <= 1, "a number above 0, at most 1");
  return sampling;
}

function checkWhole(name: string, value: number, least: number, most: number, because?: string): void {
  const bound = because === undefined ? `${most}` : `${most} (${because})`;
  const fits = Number.isInteger(value) && value >= least && value <= most;
  check(name, value, fits, `a whole number from ${least} to ${bound}`);
}

const checkPositive = (name: string, value: number): void =>
  check(name, value, Number.isFinite(value) && value > 0, "a number above 0");

function check(name: string, value: number, fits: boolean, wanted: string): void {
  if (!fits) throw wrong(name, wanted, value);
}

const wrong = (name: string, wanted: string, got: string | number): VisionError =>
  new VisionError("invalid-argument", `${name}: expected ${wanted}, got ${got}`);
