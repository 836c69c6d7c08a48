import { dispose, type Tensor3D } from "@tensorflow/tfjs-core";
import type { CaptionDecoder } from "./caption-decoder.ts";

/** Captions in the making, which move on in place. */
type Captions<State> = { state: State };

/** A decoder for a search that runs on the host and knows no tensors; it needs one state at a time. */
type HostDecoder<State> = {
  /** features `[B, L, C]`, which stay the caller's. */
  start(features: Tensor3D): Captions<State>;
  /** `tokens` `[rows]`; what it answers is read back. */
  step(captions: Captions<State>, tokens: Int32Array): Promise<HostStep>;
  /** Row i goes on from row `rows[i]`; takes the old state over. */
  reorder(captions: Captions<State>, rows: Int32Array): Captions<State>;
  release(captions: Captions<State>): void;
};

type HostStep = {
  readonly logits: Float32Array; // [rows, V]
  readonly attention: Float32Array; // [rows, L], each row sums to 1
};

export function hostDecoder<State>(decoder: CaptionDecoder<State>): HostDecoder<State> {
  const moveOn = (captions: Captions<State>, after: State): void => {
    decoder.release(captions.state);
    captions.state = after;
  };
  return {
    start: (features) => ({ state: decoder.start(features) }),
    async step(captions, tokens) {
      const { logits, alphas, state } = decoder.step(captions.state, [...tokens]);
      moveOn(captions, state);
      try {
        const [told, looked] = await Promise.all([logits.data<"float32">(), alphas.data<"float32">()]);
        return { logits: told, attention: looked };
      } finally {
        dispose([logits, alphas]);
      }
    },
    reorder(captions, rows) {
      moveOn(captions, decoder.reorder(captions.state, [...rows]));
      return captions;
    },
    release: (captions) => decoder.release(captions.state),
  };
}
