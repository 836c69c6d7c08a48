/**
 * What a map costs beside a classification of the same picture, on wasm: medians of `ROUNDS`, taken in turns in one run.
 *
 *   npx tsx bench/explain-cost.ts [model]
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startSession } from "../src/cli/start-session.ts";
import { EMBEDDED_MODELS } from "../src/cli/model-folder.ts";

const ROUNDS = 15;
const [, , name = "everyday-vit"] = process.argv;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function compare(): Promise<void> {
  const { session, model } = await startSession(name, "wasm");
  const picture = new Blob([await readFile(join(EMBEDDED_MODELS, "../examples/lemon.jpg"))]);
  const methods =
    model.type === "vit"
      ? (["rollout", "chefer", "gradient-rollout", "grad-cam"] as const)
      : (["module", "grad-cam"] as const);
  const classify = () => session.classify([picture], { model: model.id, topK: 5 });
  const times = new Map<string, number[]>([
    ["classify", []],
    ...methods.map((method) => [method, []] as [string, number[]]),
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    times.get("classify")!.push(await timed(classify));
    for (const method of methods)
      times.get(method)!.push(await timed(() => session.explain(picture, { model: model.id, method })));
  }
  const base = median(times.get("classify")!);
  for (const [what, values] of times)
    console.log(`${what}: ${median(values).toFixed(1)} ms, ×${(median(values) / base).toFixed(2)}`);
  session.dispose();
}

await compare();
