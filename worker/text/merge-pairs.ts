/** Two symbols as one key; no symbol of a byte is a space. */
export const pairKey = (left: string, right: string): string => `${left} ${right}`;

/**
 * Byte-pair encoding of one piece of text (Sennrich et al., "Neural machine translation of rare words with subword
 * units", 2016): the pair of neighbours that was learnt first is merged wherever it stands, until none is left.
 */
export function mergePairs(symbols: readonly string[], ranks: ReadonlyMap<string, number>): readonly string[] {
  let parts = symbols;
  while (parts.length > 1) {
    const pair = firstLearnt(parts, ranks);
    if (pair === null) break;
    parts = mergeAll(parts, pair);
  }
  return parts;
}

function firstLearnt(parts: readonly string[], ranks: ReadonlyMap<string, number>): string | null {
  let best: string | null = null;
  let lowest = Infinity;
  for (let at = 0; at + 1 < parts.length; at++) {
    const pair = pairKey(parts[at]!, parts[at + 1]!);
    const rank = ranks.get(pair) ?? Infinity;
    if (rank < lowest) [best, lowest] = [pair, rank];
  }
  return best;
}

function mergeAll(parts: readonly string[], pair: string): string[] {
  const merged: string[] = [];
  for (let at = 0; at < parts.length; at++) {
    const isPair = at + 1 < parts.length && pairKey(parts[at]!, parts[at + 1]!) === pair;
    merged.push(isPair ? parts[at]! + parts[++at]! : parts[at]!);
  }
  return merged;
}
