import { dispose } from "@tensorflow/tfjs-core";
import type { Caption, CaptionSentence, CaptionWord, OnWord } from "../../contract/caption.ts";
import type { HostArray } from "../../contract/forward.ts";
import { seenByGrid, toHeat, UNASKED } from "../../contract/heat.ts";
import type { SeenArea } from "../../contract/pixels.ts";
import type { Pause } from "../../contract/turns.ts";
import { generate } from "../../text/generation/generate.ts";
import type { GenerationOptions } from "../../text/generation/options.ts";
import type { Generated } from "../../text/generation/path.ts";
import { createWordStream, groupWords, type SpokenWord } from "../../text/generation/word-stream.ts";
import { modelInput } from "../answers/model-answers.ts";
import type { PlacedModel } from "../placed/placed-model.ts";
import type { ModelImage } from "../read-images.ts";
import type { Writer } from "./place-captioner.ts";
import { settleQuestion } from "./settle-question.ts";

/** Prepared pictures → what the model says of each; `options` are those of `settleQuestion`. */
export async function writeCaptions(
  model: PlacedModel,
  writer: Writer,
  images: readonly ModelImage[],
  options: GenerationOptions,
  { pause, onWord }: { readonly pause: Pause; readonly onWord?: OnWord | undefined },
): Promise<Caption[]> {
  const begin = performance.now();
  const { tokenizer, startToken, endTokens } = writer.speech;
  const tellers = images.map(({ seen }) => wordTeller(model, writer, seen));
  const stream = createWordStream(tokenizer, (photo, word) => {
    if (hasText(word)) onWord?.(photo, tellers[photo]!(word));
  });
  const batch = await look(model, writer, images, pause);
  const request = { batch, photos: images.length, startToken, endTokens, options };
  const said = await generate(writer.decoder, request, { pause, onFinal: stream.push });
  stream.finish();
  const each = (performance.now() - begin) / images.length;
  return images.map(({ seen, milliseconds: decode }, photo) => {
    const [best, ...others] = said[photo]!.map((sentence) => tellSentence(sentence, writer, tellers[photo]!));
    return { ...best!, others, seen, milliseconds: { decode, model: each } };
  });
}

/** Two words about a blank picture, for what a first answer costs; see `warmUp`. */
export async function warmUpWriter(model: PlacedModel, writer: Writer, pause: Pause): Promise<void> {
  const { inputSize } = model.facts;
  const pixels = new Float32Array(inputSize.width * inputSize.height * model.channels);
  const seen = { source: inputSize, resized: inputSize, crop: { left: 0, top: 0, ...inputSize } };
  const options = settleQuestion({ maxWords: Math.min(2, writer.decoder.maxPositions) }, writer);
  await writeCaptions(model, writer, [{ pixels, seen, milliseconds: 0 }], options, { pause });
}

/** Prepared pictures → what is looked at, `[B, L, C]`. */
async function look(
  model: PlacedModel,
  writer: Writer,
  images: readonly ModelImage[],
  pause: Pause,
): Promise<HostArray> {
  const input = modelInput(model, images);
  try {
    return await writer.look(input, pause);
  } finally {
    dispose(input);
  }
}

/** A special token stands for no text, and a token may be white space alone. */
const hasText = ({ text }: SpokenWord): boolean => text !== "";

type TellWord = (word: SpokenWord) => CaptionWord;

/** Of places before the first one in the photo, such as a class token's, no map can tell. */
function wordTeller({ facts: { grid, gridSpan } }: PlacedModel, { speech, prefix }: Writer, whole: SeenArea): TellWord {
  const seen = seenByGrid(whole, gridSpan);
  const settings = { ...UNASKED, method: "caption" };
  const { tokenizer } = speech;
  return ({ text, probability, attention, tokens }) => ({
    text,
    probability,
    map: toHeat({ grid, values: attention.slice(prefix), settings }, seen),
    alternatives: tokens[0]!.alternatives.map(({ token, probability }) => ({
      text: tokenizer.decode([token]).trim(),
      probability,
    })),
  });
}

const tellSentence = (
  { tokens, ...told }: Generated,
  { speech: { tokenizer } }: Writer,
  tellWord: TellWord,
): CaptionSentence => ({
  text: tokenizer.decode(tokens.map(({ token }) => token)).trim(),
  words: groupWords(tokens, tokenizer).filter(hasText).map(tellWord),
  score: told.score,
  logProbability: told.logProbability,
  ended: told.ended,
});
