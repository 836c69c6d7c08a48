import { compareWays, timesOf } from "../measure/compare-ways.ts";
import type { OpenContestant } from "../measure/open-contestant.ts";
import { takeTurns } from "../measure/take-turns.ts";
import { writePreset, type PresetName } from "../models/model-files.ts";
import type { Way } from "../pages/ways/contestant.ts";
import type { Row } from "../report/result.ts";
import { parameterCount } from "../../worker/models/vit/parameters.ts";
import { tokenCount, type VitConfig } from "../../worker/models/vit/config.ts";
import { VIT_PRESETS } from "../../worker/models/vit/presets.ts";
import { atBatches, together, type Bench, type Part, type Rounds } from "./part.ts";

const IMAGE = [3, 224, 224]; // [C, height, width]

const WAYS: readonly Way[] = [
  { by: "engine", on: "webgl", threads: 1 },
  { by: "composed", on: "webgl", threads: 1 },
  { by: "onnxruntime-web", on: "webgpu", threads: 1 },
];

const MODELS: readonly { title: string; model: PresetName; rounds: Rounds; software: Rounds }[] = [
  { title: "ViT-Ti/16", model: "vit-tiny-patch16-224", rounds: [15, 5], software: [7, 2] },
  { title: "ViT-B/16", model: "vit-base-patch16-224", rounds: [9, 3], software: [3, 0] },
];

const FLOAT = 4; // bytes
const MEGABYTE = 1e6;

export const encoderWebgl: Part = {
  name: "encoder-webgl",
  title: "Vision Transformers on WebGL",
  async measure(bench) {
    const findings = [];
    for (const { title, model, ...full } of bench.quick ? MODELS.slice(0, 1) : MODELS) {
      const [single, eight] = bench.software ? full.software : full.rounds;
      const batches = atBatches([single, bench.quick && bench.software ? 0 : eight]);
      writePreset(model, bench.tell);
      const also = async (contestants: readonly OpenContestant[]): Promise<Row[]> => [
        ...(await attentionRows(bench, title, contestants, 2 * single)), // what is looked for is small
        ...(await drawsOfBlock(title, contestants)),
        leastMemory(title, VIT_PRESETS[model]),
      ];
      findings.push(await compareWays(bench, { title, model, shape: IMAGE, ways: WAYS, batches, also }));
    }
    return together(findings);
  },
};

/** What it costs to read the class token's attention of every layer beside the logits. */
async function attentionRows(bench: Bench, title: string, [ours]: readonly OpenContestant[], rounds: number) {
  if (!ours) return [];
  const subject = `${title}, an attention row of every layer`;
  bench.tell(subject);
  const entrants = [
    { name: "logits alone", take: () => timesOf(ours.run, 1) },
    { name: "logits and rows", take: () => timesOf(ours.run, 1, "logits and rows") },
  ];
  for (const { take } of entrants) await take(); // compiles what reads rows
  const samples = await takeTurns(entrants, bench.rounds(rounds));
  return entrants.map(({ name }) => ({
    subject,
    way: `${ours.name}, ${name}`,
    samples: samples.get(name)!,
    facts: {},
  }));
}

/** A run up to the second block less one up to the first. */
async function drawsOfBlock(title: string, contestants: readonly OpenContestant[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { name, run } of contestants.filter(({ name }) => name.endsWith("WebGL"))) {
    const [first, second] = [await run(1, "block 0"), await run(1, "block 1")];
    rows.push({ subject: `${title}, one block`, way: name, samples: {}, facts: { draws: second.draws - first.draws } });
  }
  return rows;
}

/** No implementation in float32 needs less: the weights, and beside the tokens the largest step of a block. */
function leastMemory(title: string, config: VitConfig): Row {
  const { hiddenSize, heads, intermediateSize } = config;
  const tokens = tokenCount(config);
  const step = Math.max(3 * tokens * hiddenSize + heads * tokens ** 2, tokens * intermediateSize);
  const bytes = FLOAT * (parameterCount(config) + tokens * hiddenSize + step);
  const facts = { "device MB": bytes / MEGABYTE };
  return { subject: `${title}, batch 1`, way: "weights and activations alone", samples: {}, facts };
}
