import type { PageServer } from "../measure/serve-pages.ts";
import type { Findings } from "../report/result.ts";

/** What a part is given to measure with. */
export type Bench = {
  readonly server: PageServer;
  readonly quick: boolean; // a trial: few rounds, and nothing large
  readonly software: boolean; // WebGL has no GPU here: what is large takes minutes on it
  /** Rounds to take where a full measurement takes `full`. */
  readonly rounds: (full: number) => number;
  /** Where the run is, for people. */
  readonly tell: (text: string) => void;
};

/** One subject of the bench. */
export type Part = {
  readonly name: string; // of its result, and on the command line
  readonly title: string;
  readonly measure: (bench: Bench) => Promise<Findings>;
};

/** Findings of several comparisons as one. */
export const together = (all: readonly Findings[]): Findings => ({
  rows: all.flatMap(({ rows }) => rows),
  absent: all.flatMap(({ absent }) => absent),
});

/** How many with one image at a time, and with eight. */
export type Rounds = readonly [number, number];

export const atBatches = ([single, eight]: Rounds) => [
  { size: 1, rounds: single },
  { size: 8, rounds: eight },
];
