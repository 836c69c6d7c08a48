import { compareWays } from "../measure/compare-ways.ts";
import { writeEmbedded, type EmbeddedName } from "../models/model-files.ts";
import type { Way } from "../pages/ways/contestant.ts";
import { atBatches, together, type Part, type Rounds } from "./part.ts";

/** Models as the page's worker has them, and how often; without a GPU, WebGL takes seconds for eight. */
const DEVICES: readonly { name: string; ways: readonly Way[]; rounds: Rounds; software: Rounds }[] = [
  {
    name: "wasm",
    ways: [
      { by: "session", on: "wasm", threads: 1 },
      { by: "session", on: "wasm", threads: 2 },
      { by: "composed", on: "wasm", threads: 1 },
      { by: "onnxruntime-web", on: "wasm", threads: 1 },
      { by: "onnxruntime-web", on: "wasm", threads: 2 },
    ],
    rounds: [15, 5],
    software: [15, 5],
  },
  {
    name: "WebGL",
    ways: [
      { by: "session", on: "webgl", threads: 1 },
      { by: "composed", on: "webgl", threads: 1 },
      { by: "onnxruntime-web", on: "webgpu", threads: 1 },
    ],
    rounds: [15, 5],
    software: [9, 4],
  },
];

const MODELS: readonly EmbeddedName[] = ["everyday-vit", "everyday-cnn"];

export const embeddedModels: Part = {
  name: "embedded-models",
  title: "The embedded models",
  async measure(bench) {
    const findings = [];
    for (const model of MODELS) {
      const { width, height } = await writeEmbedded(model);
      const shape = [3, height, width];
      for (const { name, ways, ...full } of DEVICES) {
        const batches = atBatches(bench.software ? full.software : full.rounds);
        findings.push(await compareWays(bench, { title: `${model}, ${name}`, model, shape, ways, batches }));
      }
    }
    return together(findings);
  },
};
