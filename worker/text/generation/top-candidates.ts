export type Candidate = { readonly row: number; readonly token: number; readonly score: number };

/** The `count` best of all rows' tokens, best first; of equals the earlier row, then the lower token. Never −∞. */
export function topCandidates(rows: readonly Float64Array[], count: number): Candidate[] {
  const best: Candidate[] = [];
  for (const [row, scores] of rows.entries()) {
    for (let token = 0; token < scores.length; token++) {
      const score = scores[token]!;
      if (score === -Infinity || (best.length === count && score <= best[count - 1]!.score)) continue;
      let at = best.length;
      while (at > 0 && best[at - 1]!.score < score) at--;
      best.splice(at, 0, { row, token, score });
      if (best.length > count) best.pop();
    }
  }
  return best;
}
