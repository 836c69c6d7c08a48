/**
 * The fused WebGL engines against the composed tfjs path: forward pass, first run, attention read back, eight images at
 * once, draws and bytes. All in one run, in turns; ratios of medians.
 *
 *   npm run bench:encoder-webgl -- [ViT preset | everyday-cnn | captioner-cnn] [rounds] [rows × columns of a tile,…]
 */
import { createServer } from "vite";
import { launchBrowser } from "../test/setup/launch-browser.ts";
import { processorTime } from "./measure/browser-processes.ts";
import { median } from "./measure/statistics.ts";
import type * as page from "./encoder-webgl-page.ts";

const PAGE = "/bench/encoder-webgl-page.ts";

/** Its own engine, so that one image alone finds no room for eight. */
const ofEight = (tile: string): string => `${tile} of 8`;

type Page = typeof page;

type Figures = {
  readonly model: string;
  readonly firstRun: Readonly<Record<string, number>>; // ms
  readonly error: number; // largest difference of two logits
  readonly largest: number; // logit
  readonly milliseconds: Readonly<Record<string, readonly number[]>>; // by way, in turns
  /** The same of the GPU process on all cores, which other work on the machine changes less. */
  readonly cpu: Readonly<Record<string, readonly number[]>>;
  readonly draws: Readonly<Record<string, number>>;
  readonly bytes: Readonly<Record<string, number>>;
};

/** Runs all of it in a fresh browser. */
async function measure(model: string, rounds: number, tiles: readonly string[]): Promise<Figures> {
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
    const begun = await tab.evaluate(async ([path, model, ways]) => ((await import(path)) as Page).start(model, ways), [
      PAGE,
      model,
      [...tiles, ...tiles.map(ofEight), "plain"],
    ] as const);
    const milliseconds: Record<string, number[]> = {};
    const cpu: Record<string, number[]> = {};
    const draws: Record<string, number> = {};
    const bytes: Record<string, number> = {};
    const pass = async (name: string, way: string, count = 1, rows = false): Promise<void> => {
      const before = processorTime("gpu-process");
      const took = await tab.evaluate(
        async ([path, way, count, rows]) => ((await import(path)) as Page).pass(way, count, rows),
        [PAGE, way, count, rows] as const,
      );
      (milliseconds[name] ??= []).push(took.milliseconds / count);
      (cpu[name] ??= []).push((processorTime("gpu-process") - before) / count);
      draws[name] = took.draws;
      bytes[name] = took.bytes;
    };
    for (let round = 0; round < rounds; round++) {
      await pass("plain", "plain");
      for (const tile of tiles) {
        await pass(tile, tile);
        await pass(`${tile} and attention`, tile, 1, true);
      }
    }
    for (let round = 0; round < Math.ceil(rounds / 2); round++) {
      for (const tile of tiles) {
        await pass(`${tile} again`, tile);
        await pass(ofEight(tile), ofEight(tile), 8);
      }
    }
    return { model, ...begun, milliseconds, cpu, draws, bytes };
  } finally {
    await browser.close();
    await server.close();
  }
}

function print({ model, firstRun, error, largest, milliseconds, cpu, draws, bytes }: Figures): void {
  const plain = median(milliseconds["plain"]!);
  console.log(`${model}: largest difference of two logits ${error.toExponential(1)} of ${largest.toFixed(2)}`);
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

const [, , model = "vit-tiny-patch16-224", rounds = "7", tiles = "4x8"] = process.argv;
print(await measure(model, Number(rounds), tiles.split(",")));
