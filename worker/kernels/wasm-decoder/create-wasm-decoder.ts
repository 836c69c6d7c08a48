import { VisionError } from "../../contract/errors.ts";
import type { HostArray } from "../../contract/forward.ts";
import { expectRoom, expectRows, expectTokens } from "../caption-rows.ts";
import type { DecoderEngine, HostDecoder, HostStep } from "../decoder-engine.ts";
import { startKernels, type WasmKernels } from "../wasm/kernels.ts";
import { LinearMemory } from "../wasm/linear-memory.ts";
import type { CaptionRows } from "./caption-rows.ts";
import type { DecoderMachine } from "./place-dense.ts";

/** Some captions, and the photos they tell about. */
export type Captions = {
  readonly rows: CaptionRows;
  readonly table: number; // addresses of the places of all photos
  readonly places: number; // of one photo
};

/** A decoder of some kind in memory. */
export type WordWriter = {
  readonly vocabularySize: number;
  readonly featureSize: number;
  readonly maxPositions: number;
  /** features `[B, L, C]` → a row without words for each photo. */
  begin(features: HostArray): Captions;
  /** One more word of each row is given. */
  write(captions: Captions, tokens: readonly number[]): HostStep;
};

/** Three times what GPT-2 takes; addresses alone, but some machines are short of those too. */
const MOST_BYTES = 2 ** 31;

/**
 * A decoder as one WebAssembly module on one thread: the rows of a step are too few to share. `place` puts it into
 * memory. What captions take is given back when none are under way. Throws `out-of-memory`.
 */
export async function createWasmDecoder(
  { module, threaded }: WasmKernels,
  place: (machine: DecoderMachine) => Promise<WordWriter>,
): Promise<DecoderEngine> {
  const memory = new LinearMemory(threaded && MOST_BYTES); // builds for threads want memory that could be shared
  return serveCaptions(memory, await place({ kernels: await startKernels(module, memory.memory), memory }));
}

function serveCaptions(memory: LinearMemory, writer: WordWriter): DecoderEngine {
  const { vocabularySize, featureSize, maxPositions } = writer;
  const parametersEnd = memory.end;
  const open = new Set<Captions>();
  let placed: { readonly memory: LinearMemory; readonly writer: WordWriter } | null = { memory, writer };
  const inUse = () => {
    if (placed) return placed;
    throw new VisionError("disposed", "The model has been released.");
  };
  const tidyUp = (): void => {
    if (open.size === 0) placed?.memory.giveBack(parametersEnd);
  };
  const decoder: HostDecoder<Captions> = {
    maxPositions,
    start(features) {
      expectFeatures(features, featureSize);
      try {
        const captions = inUse().writer.begin(features);
        open.add(captions);
        return captions;
      } finally {
        tidyUp(); // where there was no room
      }
    },
    async step(captions, words) {
      const { rows } = captions;
      const tokens = [...words];
      expectCount(tokens.length, rows.photos.length);
      expectTokens(tokens, vocabularySize);
      expectRoom(rows.length + 1, maxPositions);
      const told = inUse().writer.write(captions, tokens);
      rows.length += 1;
      return told;
    },
    reorder(captions, rows) {
      expectRows([...rows], captions.rows.photos.length);
      captions.rows.reorder([...rows]);
      return captions;
    },
    release(captions) {
      open.delete(captions);
      tidyUp();
    },
  };
  return { decoder, bytes: () => placed?.memory.bytes ?? 0, release: () => void (placed = null) };
}

function expectFeatures({ shape }: HostArray, width: number): void {
  if (shape.length === 3 && shape[2] === width) return;
  throw new VisionError("input-shape", `features: expected [*, *, ${width}], got [${shape.join(", ")}]`);
}

function expectCount(tokens: number, rows: number): void {
  if (tokens === rows) return;
  throw new VisionError("invalid-argument", `tokens: expected ${rows} rows of one length, got ${tokens} rows`);
}
