import { dispose, tensor3d, type Tensor3D } from "@tensorflow/tfjs-core";
import type { HostDecoder } from "../../kernels/decoder-engine.ts";
import type { CaptionDecoder } from "./caption-decoder.ts";

/** Captions in the making, which move on in place. */
type Captions<State> = { state: State };

/** A decoder composed of tensors for a search that knows none: what a step answers is read back. */
export function hostDecoder<State>(decoder: CaptionDecoder<State>): HostDecoder<Captions<State>> {
  const moveOn = (captions: Captions<State>, after: State): void => {
    decoder.release(captions.state);
    captions.state = after;
  };
  return {
    maxPositions: decoder.maxPositions,
    start({ shape, values }) {
      const features = tensor3d(values, shape as Tensor3D["shape"]);
      try {
        return { state: decoder.start(features) };
      } finally {
        dispose(features);
      }
    },
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
