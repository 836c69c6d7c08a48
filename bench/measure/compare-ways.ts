import { launchBrowser } from "../../test/setup/launch-browser.ts";
import type { Extent, Way } from "../pages/ways/contestant.ts";
import type { Bench } from "../parts/part.ts";
import type { Absent, Findings, Row } from "../report/result.ts";
import { nameWay, openContestant, type OpenContestant } from "./open-contestant.ts";
import { largestDifference } from "./statistics.ts";
import { takeTurns, type Figures } from "./take-turns.ts";

/** A model and how it is to be run. */
export type Comparison = {
  readonly title: string; // for people
  readonly model: string; // the name of its folder
  readonly shape: readonly number[]; // of an image, `[C, height, width]`
  readonly ways: readonly Way[];
  readonly batches: readonly { readonly size: number; readonly rounds: number }[]; // no rounds: too slow here
  /** What else is asked of the same pages. */
  readonly also?: (contestants: readonly OpenContestant[]) => Promise<readonly Row[]>;
};

/** What all logits are held against, by other hands than ours. */
const REFERENCE: Way = { by: "onnxruntime-web", on: "wasm", threads: 1 };

const TOLERANCE = 0.01; // of logits of size 1 or so, in float32 on any device

const MEGABYTE = 1e6;

/**
 * How long a turn takes at least, in milliseconds. Of a quick model it is many runs, as a camera's frames are: the first
 * finds the caches full of what others left there, and a processor's time is counted in hundredths of a second.
 */
const TURN = 100;

/** Opens every way in a page of its own, and lets them run in turns: a batch size after the other. */
export async function compareWays(bench: Bench, comparison: Comparison): Promise<Findings> {
  const browser = await launchBrowser();
  const open = (way: Way): Promise<OpenContestant> =>
    openContestant(browser, bench.server.url, way, comparison.model, comparison.shape);
  try {
    bench.tell(`${comparison.title}: reference`);
    const reference = await open(REFERENCE);
    const wanted = reference.started.logits;
    await reference.close();
    const contestants: OpenContestant[] = [];
    const absent: Absent[] = [];
    for (const way of comparison.ways) {
      bench.tell(`${comparison.title}: ${nameWay(way)}`);
      try {
        const contestant = await open(way);
        expectSameAnswer(contestant, wanted);
        contestants.push(contestant);
      } catch (error) {
        absent.push({ subject: comparison.title, way: nameWay(way), reason: reasonOf(error) });
      }
    }
    const rows: Row[] = [];
    for (const batch of comparison.batches) {
      const subject = `${comparison.title}, batch ${batch.size}`;
      if (batch.rounds === 0) absent.push({ subject, way: "all", reason: "it would take minutes without a GPU" });
      else rows.push(...(await race(bench, subject, contestants, batch, wanted)));
    }
    rows.push(...((await comparison.also?.(contestants)) ?? []));
    return { rows, absent };
  } finally {
    await browser.close();
  }
}

/** The time of another answer is no time to compare. */
function expectSameAnswer({ started }: OpenContestant, wanted: readonly number[]): void {
  const difference = largestDifference(started.logits, wanted);
  if (difference > TOLERANCE) throw new Error(`absent: logits differ by ${difference}, expected ${TOLERANCE} at most`);
}

/** What a browser has not, or gets wrong, is told in the results; any other failure is the part's. */
function reasonOf(error: unknown): string {
  const reason = error instanceof Error ? /absent: (.*)/.exec(error.message)?.[1] : undefined;
  if (reason === undefined) throw error;
  return reason;
}

async function race(
  bench: Bench,
  subject: string,
  contestants: readonly OpenContestant[],
  { size, rounds }: { readonly size: number; readonly rounds: number },
  wanted: readonly number[],
): Promise<Row[]> {
  const count = bench.rounds(rounds);
  bench.tell(`${subject}: ${count} rounds`);
  const facts = new Map<string, Record<string, number>>();
  for (const { name, started, run } of contestants) {
    const { draws, bytes } = await run(size); // warms up for this batch
    facts.set(name, {
      ...(size === 1 && {
        "first run ms": started.firstRun,
        "largest difference": largestDifference(started.logits, wanted),
      }),
      ...(draws > 0 && { draws }),
      ...(bytes !== null && { "device MB": bytes / MEGABYTE }),
    });
  }
  const entrants = contestants.map(({ name, run }) => ({ name, take: () => timesOf(run, size) }));
  const samples = await takeTurns(entrants, count);
  return contestants.map(({ name }) => ({ subject, way: name, samples: samples.get(name)!, facts: facts.get(name)! }));
}

/** The means of a turn. */
export async function timesOf(run: OpenContestant["run"], batch: number, extent?: Extent): Promise<Figures> {
  let [runs, wall, processor] = [0, 0, 0];
  while (wall * batch < TURN) {
    const took = await run(batch, extent);
    runs += 1;
    wall += took.wall;
    processor += took.processor;
  }
  return { "wall ms": wall / runs, "processor ms": processor / runs };
}
