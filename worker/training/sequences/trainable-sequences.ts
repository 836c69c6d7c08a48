import { dispose, mul, reshape, tensor, tensor2d, tidy, variable } from "@tensorflow/tfjs-core";
import type { Scalar, Tensor2D, Tensor3D, Variable } from "@tensorflow/tfjs-core";
import type { Random } from "../../contract/random.ts";
import { keepParts, releaseParts } from "../../models/parts.ts";
import type { ParameterReader, TensorReader } from "../../kernels/parameter-reader.ts";
import { assembleRecurrent } from "../../models/seq2seq/assemble-recurrent.ts";
import { assembleTransformer } from "../../models/seq2seq/assemble-transformer.ts";
import { recurrentModel } from "../../models/seq2seq/run-recurrent.ts";
import { transformerModel } from "../../models/seq2seq/run-transformer.ts";
import type { Rows, SequenceModel } from "../../models/seq2seq/sequence-model.ts";
import { dropout } from "../dropout.ts";
import { crossEntropy } from "../losses.ts";
import { PAD } from "./alphabet.ts";
import { sequenceShapes } from "./initial-sequences.ts";
import type { SequenceBatch } from "./sequence-batch.ts";
import type { SequenceConfig } from "./sequence-config.ts";

/** Dropout while a model learns; null while it answers. */
export type Dropping = { readonly rate: number; readonly random: Random } | null;

/** A model of sequences whose parameters can change, on the current backend. It owns its tensors until `dispose`. */
export interface TrainableSequences {
  readonly config: SequenceConfig;
  /** By the names of a PyTorch state dict, in its layouts. */
  readonly parameters: ReadonlyMap<string, Variable>;
  /** Cross-entropy of the wanted words, the mean over all that are no padding, in nats; differentiable. */
  loss(batch: SequenceBatch, dropping: Dropping): Scalar;
  /** Does something with the model as it stands, which is gone afterwards. */
  withModel<Result>(work: (model: SequenceModel<unknown>) => Promise<Result>): Promise<Result>;
  dispose(): void;
}

/** `read` gives the first values under the names of `sequenceShapes`. */
export const trainableSequences = (config: SequenceConfig, read: ParameterReader): TrainableSequences =>
  config.kind === "recurrent"
    ? trainable(config, read, (placed, onFeatures) => {
        const model = assembleRecurrent(placed, config, onFeatures);
        return { parts: model, model: recurrentModel(model) };
      })
    : trainable(config, read, (placed, onBranch) => {
        const model = assembleTransformer(placed, config, onBranch);
        return { parts: model, model: transformerModel(model) };
      });

type Assemble<State> = (
  read: TensorReader,
  onFeatures?: (features: Tensor3D) => Tensor3D,
) => { readonly parts: object; readonly model: SequenceModel<State> };

function trainable<State>(
  config: SequenceConfig,
  read: ParameterReader,
  assemble: Assemble<State>,
): TrainableSequences {
  const parameters = new Map(
    [...sequenceShapes(config)].map(([name, shape]) => [name, tidy(() => variable(tensor(read(name), [...shape])))]),
  );
  const place: TensorReader = (name) => parameters.get(name)!;
  return {
    config,
    parameters,
    loss: (batch, dropping) =>
      tidy(() => {
        const { model } = assemble(place, dropping ? (x) => dropout(x, dropping.rate, dropping.random) : undefined);
        const { logits } = model.write(model.read(batch.sources), batch.given); // [B, T, V]
        return lossOf(logits, batch.wanted);
      }),
    async withModel(work) {
      const { parts, model } = keepParts(() => assemble(place));
      try {
        return await work(model);
      } finally {
        releaseParts(parts, parameters.values());
      }
    },
    dispose: () => dispose([...parameters.values()]),
  };
}

/** logits `[B, T, V]` against wanted words `[B, T]`, the mean over those that are no padding. */
function lossOf(logits: Tensor3D, wanted: Rows): Scalar {
  const words = wanted.flat();
  const size = logits.shape[2];
  const chosen = new Float32Array(words.length * size);
  for (const [row, word] of words.entries()) if (word !== PAD) chosen[row * size + word] = 1;
  const real = words.filter((word) => word !== PAD).length;
  const rows: Tensor2D = reshape(logits, [words.length, size]);
  return mul(crossEntropy(rows, tensor2d(chosen, [words.length, size])), words.length / real);
}
