/** A token as it was said. */
export type GeneratedToken = {
  readonly token: number;
  readonly logProbability: number; // by the model alone, whatever rules were laid over it
  readonly attention: Float32Array; // [cells]: where the model looked when it said this
  readonly alternatives: readonly Alternative[]; // the likeliest tokens at this place, likeliest first
};

export type Alternative = { readonly token: number; readonly probability: number };

/**
 * A sentence in the making, as a chain from its last token back. Sentences with a common beginning share it, so that
 * what was noted of a token stays with it wherever its sentence moves. `null`: nothing said yet.
 */
export type Path = (GeneratedToken & { readonly before: Path }) | null;

export function listTokens(path: Path): GeneratedToken[] {
  const tokens: GeneratedToken[] = [];
  for (let at = path; at !== null; at = at.before) tokens.push(at);
  return tokens.reverse();
}

/** How many tokens all of the paths begin with together. */
export function commonLength(paths: readonly Path[]): number {
  const [first = [], ...others] = paths.map(listTokens);
  let length = first.length;
  for (const other of others) {
    let same = 0;
    while (same < length && same < other.length && first[same]!.token === other[same]!.token) same++;
    length = same;
  }
  return length;
}

export type Generated = {
  readonly tokens: readonly GeneratedToken[]; // without the start and the end token
  readonly ended: boolean; // false where the sentence was cut at `maxWords`
  readonly logProbability: number; // of all its tokens by the model alone, the end token's with them
  readonly score: number; // what sentences were ranked by
};
