import { isSettled, keepBest, normalise, type Hypothesis } from "./hypotheses.ts";
import type { GenerationOptions } from "./options.ts";
import type { Path } from "./path.ts";
import { applyRules, type Rules } from "./rules.ts";
import { say, type Spoken } from "./spoken.ts";
import { topCandidates, type Candidate } from "./top-candidates.ts";

/** An open sentence of a beam search. */
export type Beam = {
  readonly path: Path;
  readonly sum: number; // of the scores of its tokens, rules and penalties in them
  readonly logProbability: number; // by the model alone
  readonly row: number; // of the model's step that it came from
};

/** Beams that compete with each other; a search without diversity is one group. */
export type BeamGroup = {
  readonly open: readonly Beam[]; // at most as many as the group is wide
  readonly finished: readonly Hypothesis[]; // worst first, at most as many
};

export const FRESH_GROUP: BeamGroup = { open: [{ path: null, sum: 0, logProbability: 0, row: 0 }], finished: [] };

/** What one step of a group is told. */
export type GroupStep = {
  readonly spoken: readonly Spoken[]; // of each open beam
  readonly tokens: number; // the length of a sentence after this step, its end token counted
  readonly saidNow: Map<number, number>; // token → how many beams of earlier groups said it in this step; added to
};

/**
 * One step of beam search as in Hugging Face's `generate`: of the best continuations, `width` and as many again for
 * each way to end, an end among the first `width` finishes its sentence, and the first `width` others stay open; at the
 * last step, the first `width` alone. A continuation the rules forbid is none: a group may be narrower than its width,
 * where Hugging Face fills it with beams of score −10⁹.
 */
export function advanceGroup(
  group: BeamGroup,
  { spoken, tokens, saidNow }: GroupStep,
  options: GenerationOptions,
  rules: Rules,
): BeamGroup {
  const width = options.beams / options.groups;
  const isLast = tokens === options.maxWords; // what is open behind it is cut, and competes
  const scores = group.open.map((beam, at) => scoreNext(beam, spoken[at]!, saidNow, options, rules));
  const candidates = topCandidates(scores, isLast ? width : (1 + rules.endTokens.length) * width);
  if (candidates.length === 0) return cutGroup(group, tokens - 1, options);
  const open: Beam[] = [];
  let { finished } = group;
  for (const [rank, candidate] of candidates.entries()) {
    if (open.length === width) break;
    const next = follow(group.open[candidate.row]!, spoken[candidate.row]!, candidate);
    if (!rules.endTokens.includes(candidate.token)) open.push(next);
    else if (rank < width) finished = keepBest(finished, finish(next, tokens, true, options), width);
  }
  for (const { path } of open) saidNow.set(path!.token, (saidNow.get(path!.token) ?? 0) + 1);
  const [best] = open;
  const isOver = best && !isLast && isSettled(finished, width, best.sum, tokens, options);
  return isOver ? { open: [], finished } : { open, finished };
}

/** Takes what is open for finished, at `tokens` tokens. */
export function cutGroup({ open, finished }: BeamGroup, tokens: number, options: GenerationOptions): BeamGroup {
  const width = options.beams / options.groups;
  const cut = open.map((beam) => finish(beam, Math.max(1, tokens), false, options));
  return { open: [], finished: cut.reduce((kept, one) => keepBest(kept, one, width), [...finished]) };
}

function scoreNext(
  { path, sum }: Beam,
  { logProbabilities }: Spoken,
  saidNow: GroupStep["saidNow"],
  { diversityPenalty }: GenerationOptions,
  rules: Rules,
): Float64Array {
  const scores = logProbabilities.slice();
  for (const [token, times] of saidNow) scores[token]! -= diversityPenalty * times;
  applyRules(scores, path, rules);
  for (let token = 0; token < scores.length; token++) scores[token]! += sum;
  return scores;
}

const follow = (beam: Beam, spoken: Spoken, { token, score }: Candidate): Beam => ({
  path: say(spoken, token),
  sum: score,
  logProbability: beam.logProbability + spoken.logProbabilities[token]!,
  row: spoken.row,
});

const finish = (
  { path, sum, logProbability }: Beam,
  tokens: number,
  ended: boolean,
  { lengthPenalty }: GenerationOptions,
): Hypothesis => ({
  path: ended ? path!.before : path,
  score: normalise(sum, tokens, lengthPenalty),
  logProbability,
  ended,
});
