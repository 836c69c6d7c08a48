import { compareWays } from "../measure/compare-ways.ts";
import { writePreset, type PresetName } from "../models/model-files.ts";
import type { Way } from "../pages/ways/contestant.ts";
import { atBatches, together, type Part, type Rounds } from "./part.ts";

const IMAGE = [3, 224, 224]; // [C, height, width]

const on = (by: Way["by"], threads: number): Way => ({ by, on: "wasm", threads });

/** tfjs has one thread: its others start from blob workers, which hang where those are refused. */
const WAYS = [on("engine", 1), on("engine", 2), on("composed", 1), on("onnxruntime-web", 1), on("onnxruntime-web", 2)];

const MODELS: readonly { title: string; model: PresetName; rounds: Rounds }[] = [
  { title: "ViT-Ti/16", model: "vit-tiny-patch16-224", rounds: [15, 5] },
  { title: "ViT-B/16", model: "vit-base-patch16-224", rounds: [11, 3] },
];

export const encoderWasm: Part = {
  name: "encoder-wasm",
  title: "Vision Transformers on WebAssembly",
  async measure(bench) {
    const findings = [];
    for (const { title, model, rounds } of bench.quick ? MODELS.slice(0, 1) : MODELS) {
      writePreset(model, bench.tell);
      findings.push(await compareWays(bench, { title, model, shape: IMAGE, ways: WAYS, batches: atBatches(rounds) }));
    }
    return together(findings);
  },
};
