/** The middle value, or the mean of the two middle ones. NaN of nothing. */
export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Between neighbours in proportion, as NumPy's default. NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** How many times as long the other took: the median over rounds, so that both have met the same moments. */
export const ratioInTurns = (others: readonly number[], ours: readonly number[]): number =>
  median(others.slice(0, ours.length).map((other, round) => other / ours[round]!));

/** The largest difference of two that stand in the same place; infinite where one is no number. */
export function largestDifference(got: readonly number[], wanted: readonly number[]): number {
  if (got.length !== wanted.length) throw new Error(`logits: expected ${wanted.length}, got ${got.length}`);
  return got.reduce((most, value, at) => {
    const difference = Math.abs(value - wanted[at]!);
    return Number.isNaN(difference) ? Infinity : Math.max(most, difference);
  }, 0);
}
