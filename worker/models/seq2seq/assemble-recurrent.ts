import { transpose, type Tensor2D, type Tensor3D } from "@tensorflow/tfjs-core";
import type { RecurrentLayer } from "../../layers/recurrent-stack.ts";
import type { Score } from "../../layers/score.ts";
import type { TensorReader } from "../../kernels/parameter-reader.ts";
import { readLinear } from "../read-dense.ts";
import type { RecurrentConfig } from "./config.ts";
import type { Attending, RecurrentSeq2Seq, WordLstm } from "./recurrent-seq2seq.ts";

/** `nn.LSTM` in one direction. */
const readLstm = (read: TensorReader, name: string, layers: number): RecurrentLayer[] =>
  Array.from({ length: layers }, (_, layer) => ({
    forwards: {
      kind: "lstm",
      input: readLinear(read, name, [`weight_ih_l${layer}`, `bias_ih_l${layer}`]),
      recurrent: readLinear(read, name, [`weight_hh_l${layer}`, `bias_hh_l${layer}`]),
    },
    backwards: null,
  }));

const readWords = (read: TensorReader, name: string, layers: number): WordLstm => ({
  embedding: transpose(read(`${name}.embedding.weight`) as Tensor2D), // [E, V]
  layers: readLstm(read, `${name}.lstm`, layers),
});

function readScore(read: TensorReader, kind: Score["kind"]): Score {
  const query = () => readLinear(read, "attention.query", ["weight", null]);
  switch (kind) {
    case "dot":
    case "scaled-dot":
      return { kind };
    case "general":
      return { kind, query: query() };
    case "additive":
      return {
        kind,
        query: query(),
        key: readLinear(read, "attention.key"),
        score: readLinear(read, "attention.score", ["weight", null]),
      };
  }
}

const readAttending = (read: TensorReader, kind: Score["kind"]): Attending => ({
  score: readScore(read, kind),
  combine: readLinear(read, "combine"),
});

/**
 * A recurrent model over parameters in PyTorch's layouts (`recurrentShapes`). Call it inside `tidy`: kernels are turned
 * copies, all else is what `read` gave.
 */
export const assembleRecurrent = (
  read: TensorReader,
  config: RecurrentConfig,
  onFeatures?: (features: Tensor3D) => Tensor3D,
): RecurrentSeq2Seq => ({
  config,
  encoder: readWords(read, "encoder", config.layers),
  decoder: readWords(read, "decoder", config.layers),
  attending: config.attention ? readAttending(read, config.attention) : null,
  output: readLinear(read, "output"),
  onFeatures,
});
