import type { CaptionQuestion } from "../../../worker/contract/caption.ts";
import { VisionError } from "../../../worker/contract/errors.ts";
import { settleOptions } from "../../../worker/text/generation/options.ts";
import { numberThat, optionName, readOption, type Options } from "./option-values.ts";
import { WrongCall } from "./wrong-call.ts";

/** Options of `caption` and `eval caption`: the flag, what people read of it, and the setting of the contract it is. */
export const SEARCH_OPTIONS = [
  ["--beams <n>", "Sentences followed at once; 1: greedy. Default 3, while words are drawn 1", "beams"],
  ["--max-words <n>", "Longest sentence: tokens, its end among them. Default 20", "maxWords"],
  ["--min-words <n>", "Shortest sentence, in tokens", "minWords"],
  ["--length-penalty <p>", "Scores are divided by the length to this power. Default 1", "lengthPenalty"],
  ["--unrepeated <n>", "No run of n tokens twice", "noRepeatNgram"],
] as const;

/** Options that make `caption` draw words. */
export const SAMPLING_OPTIONS = [
  ["--seed <n>", "Draw words; the same seed draws the same", "seed"],
  ["--temperature <t>", "Draw words; above 1 bolder, below 1 safer", "temperature"],
  ["--top-k <k>", "Draw words among the k likeliest", "topK"],
  ["--top-p <p>", "Draw words among the likeliest that reach this probability together", "topP"],
] as const;

export const RETURNED = ["--returned <n>", "How many sentences about each picture; at most beams", "returned"] as const;

/** What was asked for, as it was written. Throws `WrongCall` for what no model could do. */
export function readCaptionQuestion(options: Options): CaptionQuestion {
  const question = readNumbers(options, [...SEARCH_OPTIONS, RETURNED]);
  const sampling = readNumbers(options, SAMPLING_OPTIONS);
  refuseBeamsBesideDraws(question, sampling);
  const asked = Object.keys(sampling).length > 0 ? { ...question, sampling } : question;
  try {
    settleOptions({ beams: asked === question ? 3 : 1, ...asked });
  } catch (error) {
    throw error instanceof VisionError ? new WrongCall(error.message) : error;
  }
  return asked;
}

/** Hugging Face's `generate` would draw within the beams; here it is one or the other, told in the words of the call. */
function refuseBeamsBesideDraws({ beams = 1 }: Record<string, number>, sampling: Record<string, number>): void {
  const drawn = SAMPLING_OPTIONS.find(([, , setting]) => setting in sampling);
  if (!drawn || beams === 1) return;
  throw new WrongCall(`--beams: expected 1 while ${nameOf(drawn)} draws words, got ${beams}; leave one of them out`);
}

type Flag = readonly [flag: string, about: string, setting: string];

const nameOf = ([flag]: Flag): string => flag.split(" ")[0]!;

function readNumbers(options: Options, flags: readonly Flag[]): Record<string, number> {
  const given = flags.filter(([flag]) => options[optionName(flag)] !== undefined);
  return Object.fromEntries(given.map((flag) => [flag[2], readOption(options, nameOf(flag), anyNumber)]));
}

const anyNumber = numberThat("a number", () => true);
