/**
 * The fused WebGL encoder against the composed tfjs path: forward pass, first run, one attention row of every layer,
 * eight images at once, draws and bytes. All in one run, in turns; ratios of medians.
 *
 *   npx tsx bench/encoder-webgl.ts [preset] [rounds] [lanes,…]
 */
import { createServer } from "vite";
import { launchBrowser } from "../test/setup/launch-browser.ts";
import { gpuProcessTime } from "./gpu-process-time.ts";
import type * as page from "./encoder-webgl-page.ts";

const PAGE = "/bench/encoder-webgl-page.ts";

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

type Page = typeof page;
type Preset = page.Preset;

export type WebglEncoderFigures = {
  readonly preset: Preset;
  readonly firstRun: Readonly<Record<string, number>>; // ms
  readonly error: number; // largest difference of two logits
  readonly milliseconds: Readonly<Record<string, readonly number[]>>; // by way, in turns
  /** The same of the GPU process on all cores, which other work on the machine changes less. */
  readonly cpu: Readonly<Record<string, readonly number[]>>;
  readonly draws: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
};

/** Runs all of it in a fresh browser. */
export async function measureWebglEncoder(
  preset: Preset,
  rounds: number,
  lanes: readonly number[],
): Promise<WebglEncoderFigures> {
  const server = await createServer({
    appType: "custom",
    logLevel: "error",
    server: { port: 0, hmr: false, ws: false },
  });
  await server.listen();
  const browser = await launchBrowser();
  try {
    const tab = await browser.newPage();
    await tab.goto(server.resolvedUrls!.local[0]! + "LICENSE"); // of this origin, and without scripts
    const begun = await tab.evaluate(
      async ([path, preset, lanes]) => ((await import(path)) as Page).start(preset, lanes),
      [PAGE, preset, lanes] as const,
    );
    const milliseconds: Record<string, number[]> = {};
    const cpu: Record<string, number[]> = {};
    const draws: Record<string, number> = {};
    const bytes: Record<string, number> = {};
    const pass = async (name: string, way: "plain" | number, count: number, rows: boolean): Promise<void> => {
      const before = gpuProcessTime();
      const took = await tab.evaluate(
        async ([path, way, count, rows]) => ((await import(path)) as Page).pass(way, count, rows),
        [PAGE, way, count, rows] as const,
      );
      (milliseconds[name] ??= []).push(took.milliseconds / count);
      (cpu[name] ??= []).push((gpuProcessTime() - before) / count);
      draws[name] = took.draws;
      bytes[name] = took.bytes;
    };
    for (let round = 0; round < rounds; round++) {
      await pass("plain", "plain", 1, false);
      for (const count of lanes) {
        await pass(`engine ${count}`, count, 1, false);
        await pass(`engine ${count} and rows`, count, 1, true);
      }
    }
    for (let round = 0; round < Math.ceil(rounds / 2); round++) {
      for (const count of lanes) {
        await pass(`engine ${count} again`, count, 1, false);
        await pass(`engine ${count} of 8`, count, 8, false);
      }
    }
    return { preset, ...begun, milliseconds, cpu, draws, bytes };
  } finally {
    await browser.close();
    await server.close();
  }
}

function print({ preset, firstRun, error, milliseconds, cpu, draws, bytes }: WebglEncoderFigures): void {
  const plain = median(milliseconds["plain"]!);
  console.log(`${preset}: largest difference of two logits ${error.toExponential(1)}`);
  for (const [way, took] of Object.entries(firstRun))
    console.log(`first run, ${way}: ${took.toFixed(0)} ms, ×${(firstRun["plain"]! / took).toFixed(2)}`);
  for (const [way, took] of Object.entries(milliseconds)) {
    const middle = median(took);
    console.log(
      `${way}: ${middle.toFixed(1)} ms an image (${Math.min(...took).toFixed(0)}–${Math.max(...took).toFixed(0)}), ` +
        `×${(plain / middle).toFixed(2)}, ${median(cpu[way]!).toFixed(0)} ms of processor, ` +
        `×${(median(cpu["plain"]!) / median(cpu[way]!)).toFixed(2)}, ${draws[way]} draws, ${(bytes[way]! / 2 ** 20).toFixed(1)} MiB`,
    );
  }
}

if (process.argv[1]?.endsWith("encoder-webgl.ts")) {
  const [, , preset = "vit-tiny-patch16-224", rounds = "7", lanes = "8"] = process.argv;
  print(await measureWebglEncoder(preset as Preset, Number(rounds), lanes.split(",").map(Number)));
}
