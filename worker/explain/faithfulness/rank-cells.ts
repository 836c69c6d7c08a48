/** values of any number of cells → each cell's rank, 0 the highest; of equal cells the first comes first. */
export function rankCells(values: ArrayLike<number>): Uint32Array {
  const ranks = new Uint32Array(values.length);
  const highestFirst = Array.from(ranks.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  highestFirst.forEach((cell, rank) => (ranks[cell] = rank));
  return ranks;
}
