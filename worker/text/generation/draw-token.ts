import type { Random } from "../../contract/random.ts";
import { logSoftmax } from "./log-softmax.ts";
import type { Sampling } from "./options.ts";

/** The likeliest token; of equals the lowest. −1 where every token is forbidden. */
export function pickBest(scores: Float64Array): number {
  let best = -1;
  for (let token = 0; token < scores.length; token++) {
    if (scores[token]! > (best === -1 ? -Infinity : scores[best]!)) best = token;
  }
  return best;
}

/** Draws a token by its probability after temperature, top-k and top-p. −1 where every token is forbidden. */
export function drawToken(scores: Float64Array, sampling: Sampling, random: Random): number {
  const likely = pickBest(scores);
  if (likely === -1) return -1;
  const probabilities = narrow(scores, sampling);
  const aim = random();
  let reached = 0;
  for (let token = 0; token < probabilities.length; token++) {
    reached += probabilities[token]!;
    if (aim < reached) return token;
  }
  return likely; // rounding left the sum a little below 1
}

/**
 * scores `[vocabulary]` → the probabilities that tokens are drawn by. As Hugging Face's warpers: the scores are divided by the
 * temperature, those below the kth highest left out, and of the rest those that are not among the likeliest which
 * together reach `topP` (Holtzman et al., "The curious case of neural text degeneration", 2020).
 */
export function narrow(scores: Float64Array, { temperature, topK, topP }: Sampling): Float64Array {
  const highest = scores[pickBest(scores)]!;
  const warm = scores.map((score) => (score - highest) / temperature); // 0 and below: no temperature overflows
  if (topK > 0 && topK < warm.length) {
    const least = warm.slice().sort().at(-topK)!;
    for (let token = 0; token < warm.length; token++) if (warm[token]! < least) warm[token] = -Infinity;
  }
  const probabilities = logSoftmax(warm).map(Math.exp);
  return topP < 1 ? keepNucleus(probabilities, topP) : probabilities;
}

function keepNucleus(probabilities: Float64Array, topP: number): Float64Array {
  const order = Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]! || a - b);
  const kept = new Float64Array(probabilities.length);
  let sum = 0;
  for (const token of order) {
    if (sum >= topP) break;
    kept[token] = probabilities[token]!;
    sum += probabilities[token]!;
  }
  return kept.map((probability) => probability / sum);
}
