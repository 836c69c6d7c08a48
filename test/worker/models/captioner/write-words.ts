import { dispose, type Tensor3D } from "@tensorflow/tfjs-core";
import type { CaptionDecoder } from "../../../../worker/models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../../../worker/models/captioner/decoder-state.ts";

type Decoder = CaptionDecoder<DecoderState>;

/** Words for each row, `[rows, T]`. */
type Words = readonly (readonly number[])[];

/** A decoder's answers to one word for each row, `[rows, V]` and `[rows, L]`, read back. */
export type ReadStep = { readonly logits: ArrayLike<number>; readonly alphas: ArrayLike<number> };

/** One word after another; `state` and all that come after it are ended. */
export async function writeOneByOne(decoder: Decoder, state: DecoderState, words: Words): Promise<ReadStep[]> {
  const steps: ReadStep[] = [];
  let current = state;
  for (const at of words[0]!.keys()) {
    const step = decoder.step(
      current,
      words.map((row) => row[at]!),
    );
    steps.push({ logits: await step.logits.data(), alphas: await step.alphas.data() });
    dispose([step.logits, step.alphas]);
    decoder.release(current);
    current = step.state;
  }
  decoder.release(current);
  return steps;
}

/** `[rows, T, width]` → for each of T, `[rows, width]`. */
async function cut(tensor: Tensor3D): Promise<number[][]> {
  const [rows, count, width] = tensor.shape;
  const values = await tensor.data();
  return Array.from({ length: count }, (_, at) =>
    Array.from({ length: rows }, (__, row) => [
      ...values.subarray((row * count + at) * width, (row * count + at + 1) * width),
    ]).flat(),
  );
}

/** All words at once; both states are ended. */
export async function writeAtOnce(decoder: Decoder, state: DecoderState, words: Words): Promise<ReadStep[]> {
  const run = decoder.run(state, words);
  const [logits, alphas] = [await cut(run.logits), await cut(run.alphas)];
  dispose([run.logits, run.alphas]);
  decoder.release(state);
  decoder.release(run.state);
  return logits.map((told, at) => ({ logits: told, alphas: alphas[at]! }));
}
