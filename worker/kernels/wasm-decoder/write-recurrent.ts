import type { HostArray } from "../../contract/forward.ts";
import type { HostStep, RecurrentPlan } from "../decoder-engine.ts";
import { filled, readRows, strideOf } from "../wasm/rows.ts";
import { CaptionRows, takePlaces } from "./caption-rows.ts";
import type { Captions, WordWriter } from "./create-wasm-decoder.ts";
import { layOutRow } from "./filled-groups.ts";
import { copyColumn, copyRows, multiply, partOf, rowOf } from "./multiply.ts";
import type { DecoderMachine } from "./place-dense.ts";
import type { PlacedRecurrent } from "./place-recurrent.ts";

/** A captioner in memory (models/captioner/run-recurrent.ts) that writes word by word. */
export function recurrentWriter(plan: RecurrentPlan, placed: PlacedRecurrent, machine: DecoderMachine): WordWriter {
  const { memory, kernels } = machine;
  const { vocabularySize, featureSize, embeddingSize: word, hiddenSize } = plan;
  const [alignment, context, hidden] = [filled(plan.alignmentSize), filled(featureSize), filled(hiddenSize)];
  // The LSTM reads the first three, a deep output the second and the third; `told` lies as `word` does.
  const { at: kept, bytes: keptBytes } = layOutRow({ word, context, hidden, cell: hidden, told: word });
  const { at: passing, bytes: passingBytes } = layOutRow({
    query: alignment,
    gate: context,
    gates: 4 * hidden,
    logits: vocabularySize,
    weights: 0, // as many as places
  });

  function begin({ shape, values }: HostArray): Captions {
    const [photos, places] = shape as [number, number, number];
    const grid = takePlaces(memory, photos * places, (alignment + context) * 4); // a key, then what is looked at
    const seen = partOf(grid, alignment * 4);
    copyRows(machine, values, featureSize, seen);
    multiply(machine, placed.key, photos * places, seen, grid);
    const rows = new CaptionRows(memory, { kept: keptBytes, passing: passingBytes + strideOf(places) }, photos);
    const mean = partOf(rows.kept, kept.context);
    for (let photo = 0; photo < photos; photo++) {
      const first = rowOf(seen, photo * places);
      kernels.meanRow(places, context, first, grid.stride, places, rowOf(mean, photo));
    }
    multiply(machine, placed.hidden, photos, mean, partOf(rows.kept, kept.hidden));
    multiply(machine, placed.cell, photos, mean, partOf(rows.kept, kept.cell));
    return { rows, table: grid.table, places };
  }

  /** Where each row looks: weights, and the context that its gate lets in. */
  function look({ rows, table, places }: Captions): void {
    multiply(
      machine,
      placed.ask,
      rows.photos.length,
      partOf(rows.kept, kept.hidden),
      partOf(rows.passing, passing.query),
    );
    for (const [row, photo] of rows.photos.entries()) {
      const of = rowOf(rows.passing, row);
      const mixed = rowOf(rows.kept, row) + kept.context;
      const [query, weights, gate] = [of + passing.query, of + passing.weights, of + passing.gate];
      const here = table + photo * places * 4;
      kernels.lookUp(1, places, here, 0, alignment, alignment * 4, context, query, placed.score, weights, mixed);
      kernels.openGate(context, gate, mixed);
    }
  }

  /** The LSTM hears the word before and the context. */
  function hear({ rows }: Captions): void {
    const gates = partOf(rows.passing, passing.gates);
    multiply(machine, placed.gates, rows.photos.length, partOf(rows.kept, kept.word), gates);
    for (const row of rows.photos.keys()) {
      const of = rowOf(rows.kept, row);
      kernels.passGates(hidden, rowOf(gates, row), of + kept.cell, of + kept.hidden);
    }
  }

  function write(captions: Captions, tokens: readonly number[]): HostStep {
    const { rows, places } = captions;
    const count = tokens.length;
    for (const [row, token] of tokens.entries()) {
      copyColumn(machine, placed.embedding, token, rowOf(rows.kept, row) + kept.word);
    }
    look(captions);
    hear(captions);
    const told = partOf(rows.kept, kept.told);
    if (placed.read) {
      const word = rows.kept.address + kept.word;
      multiply(machine, placed.read, count, partOf(rows.kept, kept.context), told, { residual: word });
    }
    const logits = partOf(rows.passing, passing.logits);
    multiply(machine, placed.output, count, placed.read ? told : partOf(rows.kept, kept.hidden), logits);
    const weights = rows.passing.address + passing.weights;
    return {
      logits: readRows(memory, logits.address, count, vocabularySize, logits.stride),
      attention: readRows(memory, weights, count, places, rows.passing.stride),
    };
  }

  return { vocabularySize, featureSize, maxPositions: Infinity, begin, write };
}
