import type { CaptionQuestion } from "../../contract/caption.ts";
import { VisionError } from "../../contract/errors.ts";
import { settleOptions, type GenerationOptions } from "../../text/generation/options.ts";
import type { Writer } from "./place-captioner.ts";

const SETTINGS: readonly string[] = [
  "beams",
  "maxWords",
  "minWords",
  "returned",
  "lengthPenalty",
  "earlyStopping",
  "noRepeatNgram",
  "repetitionPenalty",
  "groups",
  "diversityPenalty",
  "sampling",
  "alternatives",
] satisfies (keyof CaptionQuestion)[];

const BEAMS = 3;
const MAX_WORDS = 20;
const ALTERNATIVES = 5;

/** What is asked of a model, defaults filled in. Throws `invalid-argument` naming the setting: none is ignored. */
export function settleQuestion(question: CaptionQuestion, { decoder, speech }: Writer): GenerationOptions {
  const { sampling, ...settings } = stated(question);
  const foreign = Object.keys(settings).find((name) => !SETTINGS.includes(name));
  if (foreign !== undefined) throw refused(foreign, `one of the settings ${SETTINGS.join(", ")}`, "it");
  const options = settleOptions({
    beams: sampling ? 1 : BEAMS,
    maxWords: Math.min(MAX_WORDS, decoder.maxPositions),
    alternatives: ALTERNATIVES,
    suppressed: speech.suppressed,
    ...settings,
    ...(sampling && { sampling: typeof sampling === "object" ? stated(sampling) : sampling }),
  });
  const { maxWords } = options;
  if (maxWords <= decoder.maxPositions) return options;
  throw refused("maxWords", `at most this model's ${decoder.maxPositions} positions`, maxWords);
}

const refused = (name: string, wanted: string, got: string | number): VisionError =>
  new VisionError("invalid-argument", `${name}: expected ${wanted}, got ${got}`);

/** Callers may write `undefined` for what they leave open. */
const stated = <Fields extends object>(fields: Fields): { [Name in keyof Fields]: Exclude<Fields[Name], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
