/** logits `[vocabulary]` → their log-probabilities in float64 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const scores = Float64Array.from(logits);
  const highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - highest);
  const logSum = highest + Math.log(sum);
  for (let at = 0; at < scores.length; at++) scores[at]! -= logSum;
  return scores;
}
