import { dispose, tensor, tidy, variable } from "@tensorflow/tfjs-core";
import type { Tensor3D } from "@tensorflow/tfjs-core";
import type { Random } from "../../contract/random.ts";
import { assembleRecurrent } from "../../models/captioner/assemble-recurrent.ts";
import { assembleTransformerBlock, assembleTransformerFrame } from "../../models/captioner/assemble-transformer.ts";
import { recurrentDecoder, transformerDecoder, type CaptionDecoder } from "../../models/captioner/caption-decoder.ts";
import type { DecoderState } from "../../models/captioner/decoder-state.ts";
import { keepParts, releaseParts } from "../../models/parts.ts";
import type { ParameterReader, TensorReader } from "../../kernels/parameter-reader.ts";
import { dropout } from "../dropout.ts";
import type { Learner } from "../trainable-model.ts";
import type { Rows } from "./caption-batch.ts";
import { captionerShapes, type CaptionerShape } from "./captioner-shape.ts";

/** Dropout while a decoder learns; null while it answers. */
export type Dropping = { readonly rate: number; readonly random: Random } | null;

type Decoder = CaptionDecoder<DecoderState>;

/** The decoder of a captioner, whose parameters can change, on the current backend. It owns its tensors until `dispose`. */
export interface TrainableCaptioner extends Learner {
  /** features `[B, L, C]`, given words `[B, T]` → what could come behind each, and where it looked; differentiable. */
  answer(features: Tensor3D, given: Rows, dropping: Dropping): { readonly logits: Tensor3D; readonly alphas: Tensor3D };
  /** Does something with the decoder as it stands, which is gone afterwards. */
  withDecoder<Result>(work: (decoder: Decoder) => Promise<Result>): Promise<Result>;
  /** Every parameter by its name, row-major, in PyTorch's layout. */
  read(): Promise<Map<string, Float32Array>>;
  dispose(): void;
}

/** `read` gives the first values under the names of `captionerShapes`. */
export function trainableCaptioner(shape: CaptionerShape, read: ParameterReader): TrainableCaptioner {
  const parameters = new Map(
    [...captionerShapes(shape)].map(([name, size]) => [name, tidy(() => variable(tensor(read(name), [...size])))]),
  );
  const place: TensorReader = (name) => parameters.get(name)!;
  return {
    parameters,
    statistics: new Map(),
    depthOf: () => 0,
    answer: (features, given, dropping) =>
      tidy(() => {
        const onFeatures = dropping ? (x: Tensor3D) => dropout(x, dropping.rate, dropping.random) : undefined;
        const { decoder } = assemble(shape, place, onFeatures);
        const { logits, alphas } = decoder.run(decoder.start(features), given);
        return { logits, alphas };
      }),
    async withDecoder(work) {
      const { parts, decoder } = keepParts(() => assemble(shape, place));
      try {
        return await work(decoder);
      } finally {
        releaseParts(parts, parameters.values());
      }
    },
    async read() {
      const values = new Map<string, Float32Array>();
      for (const [name, value] of parameters) values.set(name, (await value.data<"float32">()).slice());
      return values;
    },
    dispose: () => dispose([...parameters.values()]),
  };
}

type Assembled = { readonly parts: object; readonly decoder: Decoder };

function assemble(shape: CaptionerShape, read: TensorReader, onFeatures?: (x: Tensor3D) => Tensor3D): Assembled {
  if (shape.kind === "recurrent") {
    const captioner = assembleRecurrent(read, shape.config, onFeatures);
    return { parts: captioner, decoder: recurrentDecoder(captioner) };
  }
  const { config } = shape;
  const blocks = Array.from({ length: config.layers }, (_, layer) => ({
    ...assembleTransformerBlock(read, config, layer),
    onBranch: onFeatures,
  }));
  const decoder = { ...assembleTransformerFrame(read, config), blocks, onEmbedded: onFeatures };
  return { parts: decoder, decoder: transformerDecoder(decoder) };
}
