import { commonLength, listTokens, type GeneratedToken } from "./path.ts";
import type { Search } from "./search.ts";

/**
 * Makes a function to call after each step, which tells what has become final: the tokens with which every sentence
 * that may still come first begins. What was told never changes.
 */
export function streamFinal(
  searches: readonly Search[],
  onFinal: (photo: number, tokens: readonly GeneratedToken[]) => void,
): () => void {
  const told = searches.map(() => 0);
  return () => {
    for (const [photo, search] of searches.entries()) {
      const leading = search.leading();
      const length = commonLength(leading);
      const tokens = listTokens(leading[0] ?? null).slice(told[photo], length);
      if (tokens.length > 0) onFinal(photo, tokens);
      told[photo] = Math.max(told[photo]!, length);
    }
  };
}
