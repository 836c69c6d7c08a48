import { createRandom } from "../../contract/random.ts";
import type { Row } from "./decoder.ts";
import { drawToken, pickBest } from "./draw-token.ts";
import { normalise } from "./hypotheses.ts";
import type { GenerationOptions } from "./options.ts";
import { listTokens, type Path } from "./path.ts";
import { applyRules, type Rules } from "./rules.ts";
import type { Search } from "./search.ts";
import { readRow, say, type Spoken } from "./spoken.ts";

/** A sentence that grows by one token at a time and never looks back. */
type Strand = {
  readonly path: Path;
  readonly logProbability: number;
  readonly row: number; // of the model's step that it came from
  readonly state: "open" | "ended" | "cut";
};

const FRESH_STRAND: Strand = { path: null, logProbability: 0, row: 0, state: "open" };

/**
 * Greedy decoding, or with `sampling` as many drawn sentences as are to be returned, in the order in which they were
 * drawn. Each draws from a stream of its own, which seed and place give: a photo's sentences do not depend on which
 * other photos are described with it, and asking for more does not change the first.
 */
export function createStrandSearch(options: GenerationOptions, rules: Rules): Search {
  let strands: readonly Strand[] = Array.from({ length: options.returned }, () => FRESH_STRAND);
  let begun = false;
  const choosers = strands.map((_, place) => createChooser(options, place));

  const openStrands = (): readonly Strand[] => strands.filter(({ state }) => state === "open");
  const rowStrands = (): readonly Strand[] => (begun ? openStrands() : [FRESH_STRAND]);

  return {
    open: () => rowStrands().map(({ path }) => path),
    advance(rows: readonly Row[]): number[] {
      const spoken = rowStrands().map(({ path }, at) => readRow(path, at, rows[at]!, options));
      let next = 0;
      strands = strands.map((strand, place) => {
        if (strand.state !== "open") return strand;
        return growStrand(strand, begun ? spoken[next++]! : spoken[0]!, choosers[place]!, rules);
      });
      begun = true;
      return openStrands().map(({ row }) => row);
    },
    cut(): void {
      strands = strands.map((strand) => (strand.state === "open" ? { ...strand, state: "cut" } : strand));
    },
    leading: () => strands.slice(0, 1).map(({ path }) => path),
    results: () =>
      strands.map(({ path, logProbability, state }) => {
        const tokens = listTokens(path);
        const ended = state === "ended";
        const said = Math.max(1, tokens.length + Number(ended));
        return { tokens, ended, logProbability, score: normalise(logProbability, said, options.lengthPenalty) };
      }),
  };
}

type Chooser = (scores: Float64Array) => number;

function createChooser({ sampling }: GenerationOptions, place: number): Chooser {
  if (!sampling) return pickBest;
  const random = createRandom((sampling.seed ^ Math.imul(place, 0x9e3779b9)) >>> 0); // 2^32 over the golden ratio
  return (scores) => drawToken(scores, sampling, random);
}

/** The rules are laid over logits here, over log-probabilities in beam search: as in Hugging Face's `generate`. */
function growStrand(strand: Strand, spoken: Spoken, choose: Chooser, rules: Rules): Strand {
  const scores = Float64Array.from(spoken.logits);
  applyRules(scores, strand.path, rules);
  const token = choose(scores);
  if (token === -1) return { ...strand, state: "cut" }; // the rules leave nothing to say
  const logProbability = strand.logProbability + spoken.logProbabilities[token]!;
  if (rules.endTokens.includes(token)) return { ...strand, logProbability, state: "ended" };
  return { path: say(spoken, token), logProbability, row: spoken.row, state: "open" };
}
