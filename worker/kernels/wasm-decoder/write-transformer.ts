import type { HostArray } from "../../contract/forward.ts";
import type { HostStep, TransformerPlan } from "../decoder-engine.ts";
import { ACTIVATIONS } from "../wasm/activations.ts";
import { filled, readRows, strideOf } from "../wasm/rows.ts";
import { CaptionRows, takePlaces } from "./caption-rows.ts";
import type { Captions, WordWriter } from "./create-wasm-decoder.ts";
import { layOutRow } from "./filled-groups.ts";
import { copyColumn, copyRows, multiply, partOf, rowOf, type Rows } from "./multiply.ts";
import type { DecoderMachine } from "./place-dense.ts";
import type { PlacedTransformer } from "./place-transformer.ts";
import { normalise, runDecoderBlocks } from "./run-decoder-blocks.ts";

/** Whether the kernels can run it: widths of whole vectors, and an activation they know. */
export const supportsWasmDecoder = ({ hiddenSize, activation }: TransformerPlan): boolean =>
  hiddenSize % 4 === 0 && activation in ACTIVATIONS;

/**
 * A decoder in memory (models/captioner/run-transformer.ts) that writes word by word. Keys and values of all blocks lie
 * together, for each place of a photo and for each word of a row; a row keeps the addresses of its words, and nothing
 * else has to move when rows are reordered.
 */
export function transformerWriter(
  plan: TransformerPlan,
  placed: PlacedTransformer,
  machine: DecoderMachine,
): WordWriter {
  const { memory } = machine;
  const { vocabularySize, memorySize, hiddenSize, heads, maxPositions } = plan;
  const headWidth = filled(hiddenSize / heads);
  const attended = heads * headWidth;
  const layerBytes = 2 * attended * 4;
  const slotBytes = placed.blocks.length * layerBytes;
  const scale = plan.positions === "sinusoidal" ? Math.sqrt(hiddenSize) : 1; // of embeddings, as in the paper
  const { at: passing, bytes: passingBytes } = layOutRow({
    states: hiddenSize,
    normed: hiddenSize,
    query: attended,
    mixed: attended,
    wide: plan.intermediateSize,
    logits: vocabularySize,
    weights: 0, // of each head, as many as places
  });

  /** features → keys and values of every block. */
  function begin({ shape, values }: HostArray): Captions {
    const [photos, places] = shape as [number, number, number];
    const count = photos * places;
    const seen = takePlaces(memory, count, slotBytes);
    const bytes = { kept: strideOf(maxPositions), passing: passingBytes + heads * filled(places) * 4 };
    const rows = new CaptionRows(memory, bytes, photos);
    const end = memory.end;
    let told: Rows = takePlaces(memory, count, strideOf(memorySize));
    copyRows(machine, values, memorySize, told);
    if (placed.projection) {
      const projected = takePlaces(memory, count, strideOf(hiddenSize));
      multiply(machine, placed.projection, count, told, projected);
      told = projected;
    }
    for (const [layer, { cross }] of placed.blocks.entries()) {
      multiply(machine, cross.keyValue, count, told, partOf(seen, layer * layerBytes));
    }
    memory.giveBack(end);
    return { rows, table: seen.table, places };
  }

  /** Words and their positions → the states of each row. */
  function embed({ passing: rows, length }: CaptionRows, tokens: readonly number[]): void {
    const position = placed.positions.subarray(length * hiddenSize, (length + 1) * hiddenSize);
    for (const [row, token] of tokens.entries()) {
      const to = rowOf(rows, row) + passing.states;
      copyColumn(machine, placed.embedding, token, to, scale);
      const states = memory.floats(to, hiddenSize);
      for (let at = 0; at < hiddenSize; at++) states[at]! += position[at]!;
    }
  }

  function write(captions: Captions, tokens: readonly number[]): HostStep {
    const { rows, places } = captions;
    const { photos, kept, length } = rows;
    const count = tokens.length;
    const slots = { address: memory.take(count * slotBytes), stride: slotBytes }; // of these words; before any view
    const scratch = memory.take(heads * filled(length + 1) * 4);
    for (const row of photos.keys()) memory.integers(rowOf(kept, row), maxPositions)[length] = rowOf(slots, row);
    embed(rows, tokens);
    const part = (name: keyof typeof passing): Rows => partOf(rows.passing, passing[name]);
    const attention = runDecoderBlocks(machine, plan, placed.blocks, {
      count,
      slots,
      layerBytes,
      headWidth,
      states: part("states"),
      normed: part("normed"),
      query: part("query"),
      mixed: part("mixed"),
      wide: part("wide"),
      words: { count: length + 1, table: (row) => rowOf(kept, row), weights: { address: scratch, stride: 0 } },
      photo: { count: places, table: (row) => captions.table + photos[row]! * places * 4, weights: part("weights") },
    });
    memory.giveBack(scratch);
    const states = part("states");
    if (placed.norm) normalise(machine, plan, placed.norm, count, states, states);
    const logits = part("logits");
    multiply(machine, placed.output, count, states, logits);
    return { logits: readRows(memory, logits.address, count, vocabularySize, logits.stride), attention };
  }

  return { vocabularySize, featureSize: memorySize, maxPositions, begin, write };
}
