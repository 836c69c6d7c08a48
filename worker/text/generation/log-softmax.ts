/** logits `[vocabulary]` → their log-probabilities in float64 */
export function logSoftmax(logits: ArrayLike<number>): Float64Array {
  const scores = new Float64Array(logits);
  let highest = -Infinity;
  for (const score of scores) highest = Math.max(highest, score);
  let sum = 0;
  for (const score of scores) sum += Math.exp(score - highest);
  const logSum = highest + Math.log(sum);
  for (let at = 0; at < scores.length; at++) scores[at]! -= logSum;
  return scores;
}
