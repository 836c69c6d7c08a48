import { advanceGroup, cutGroup, FRESH_GROUP, type Beam, type BeamGroup } from "./beam-group.ts";
import type { Row } from "./decoder.ts";
import type { Hypothesis } from "./hypotheses.ts";
import type { GenerationOptions } from "./options.ts";
import { listTokens, type Generated } from "./path.ts";
import type { Rules } from "./rules.ts";
import type { Search } from "./search.ts";
import { readRow } from "./spoken.ts";

/** Beam search, in groups that are kept from saying the same where `groups` is above 1. */
export function createBeamSearch(options: GenerationOptions, rules: Rules): Search {
  let groups: readonly BeamGroup[] = Array.from({ length: options.groups }, () => FRESH_GROUP);
  let steps = 0;

  const beams = (): readonly Beam[] => groups.flatMap(({ open }) => open);
  /** Before the first step all groups stand on the one row of the photo. */
  const rowBeams = (): readonly Beam[] => (steps === 0 ? FRESH_GROUP.open : beams());
  const ranked = (): Hypothesis[] =>
    groups
      .flatMap(({ finished }) => finished)
      .sort((a, b) => a.score - b.score) // stable: of equals the later, as in Hugging Face's
      .reverse();

  return {
    open: () => rowBeams().map(({ path }) => path),
    advance(rows: readonly Row[]): number[] {
      const spoken = rowBeams().map(({ path }, at) => readRow(path, at, rows[at]!, options));
      const saidNow = new Map<number, number>();
      let first = 0;
      steps += 1;
      groups = groups.map((group) => {
        const own = steps === 1 ? spoken : spoken.slice(first, first + group.open.length);
        first += group.open.length;
        if (group.open.length === 0) return group;
        return advanceGroup(group, { spoken: own, tokens: steps, saidNow }, options, rules);
      });
      return beams().map(({ row }) => row);
    },
    cut(): void {
      groups = groups.map((group) => cutGroup(group, steps, options));
    },
    leading: () => [...beams(), ...ranked().slice(0, 1)].map(({ path }) => path),
    results: () => ranked().slice(0, options.returned).map(tell),
  };
}

const tell = ({ path, score, logProbability, ended }: Hypothesis): Generated => ({
  tokens: listTokens(path),
  ended,
  logProbability,
  score,
});
