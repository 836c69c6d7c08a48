/**
 * The highest cells that together hold a share of the map's mass, 1 where kept, as DINO's visualiser cuts its maps:
 * in rising order, cells whose cumulative share is above `1 - share`. Negative values hold no mass; a map without
 * mass keeps nothing.
 *
 * Caron et al., "Emerging Properties in Self-Supervised Vision Transformers" (2021), visualize_attention.py.
 */
export function massMask(values: Float32Array, share: number): Uint8Array {
  const mass = Float64Array.from(values, (value) => (value > 0 ? value : 0)); // also for NaN
  const total = mass.reduce((sum, value) => sum + value, 0);
  const rising = Uint32Array.from(mass.keys()).sort((a, b) => mass[a]! - mass[b]!);
  const kept = new Uint8Array(values.length);
  let sum = 0;
  for (const index of rising) {
    sum += mass[index]!;
    if (mass[index]! > 0 && sum > (1 - share) * total) kept[index] = 1;
  }
  return kept;
}
