import type { RecurrentPlan } from "../decoder-engine.ts";
import type { ParameterReader } from "../parameter-reader.ts";
import { groupsOf, type Groups } from "./filled-groups.ts";
import {
  placeProduct,
  placeVector,
  readDense,
  torchDense,
  type Dense,
  type DecoderMachine,
  type PlacedProduct,
} from "./place-dense.ts";

/** All that a recurrent captioner has learnt, in memory. */
export type PlacedRecurrent = {
  readonly embedding: PlacedProduct; // [E, V], a column for each token
  readonly hidden: PlacedProduct; // [C, D], the state before the first word
  readonly cell: PlacedProduct; // [C, D]
  readonly key: PlacedProduct; // [C, A]
  readonly score: number; // [A]; 0 where keys are multiplied
  readonly ask: PlacedProduct; // [D, A + C]: the query, and how much of the context to let in
  readonly gates: PlacedProduct; // [E + C + D, 4D] of the LSTM
  readonly read: PlacedProduct | null; // [C + D, E], of a deep output
  readonly output: PlacedProduct; // [E, V] behind a deep output, else [D, V]
};

/** Packs parameters by the names of `recurrentParameterShapes`, one product after another. */
export function placeRecurrent(plan: RecurrentPlan, read: ParameterReader, machine: DecoderMachine): PlacedRecurrent {
  const { vocabularySize, featureSize: C, embeddingSize: E, hiddenSize: D, alignmentSize: A } = plan;
  const [word, grid, hidden, query] = [groupsOf(E), groupsOf(C), groupsOf(D), groupsOf(A)];
  const vocabulary = groupsOf(vocabularySize);
  const asked = groupsOf(A, C);
  const heard = groupsOf(E, C, D);
  const gates = groupsOf(D, D, D, D);
  const seen = groupsOf(C, D);
  const dense = (name: string, inputs: number): Dense => readDense(read, name, inputs);
  const whole = (dense: Dense, { at: from, size }: Groups, outputs: Groups): PlacedProduct =>
    placeProduct(machine, { at: from, size }, outputs, [{ dense, from, to: outputs.at }]);
  const additive = plan.alignment === "additive";
  const deep = plan.output === "deep";
  return {
    // the largest first: what is taken while it is packed, the others then lie in
    gates: placeProduct(machine, heard, gates, [
      {
        dense: torchDense(read("cell.weight_ih"), read("cell.bias_ih"), E + C),
        from: heard.at.subarray(0, E + C),
        to: gates.at,
      },
      {
        dense: torchDense(read("cell.weight_hh"), read("cell.bias_hh"), D),
        from: heard.at.subarray(E + C),
        to: gates.at,
      },
    ]),
    embedding: whole(torchDense(read("embedding.weight"), null, E), word, vocabulary),
    output: whole(dense("output", deep ? E : D), deep ? word : hidden, vocabulary),
    hidden: whole(dense("init_h", C), grid, hidden),
    cell: whole(dense("init_c", C), grid, hidden),
    key: whole(dense("encoder_attention", C), grid, query),
    score: additive ? placeVector(machine, read("full_attention.weight"), query) : 0, // a softmax knows no bias
    ask: placeProduct(machine, hidden, asked, [
      {
        dense: dense("decoder_attention", D),
        from: hidden.at,
        to: asked.at.subarray(0, A),
        factor: additive ? 1 : 1 / Math.sqrt(A),
      },
      { dense: dense("gate", D), from: hidden.at, to: asked.at.subarray(A) },
    ]),
    read: deep
      ? placeProduct(machine, seen, word, [
          { dense: dense("output_context", C), from: seen.at.subarray(0, C), to: word.at },
          { dense: dense("output_hidden", D), from: seen.at.subarray(C), to: word.at },
        ])
      : null,
  };
}
