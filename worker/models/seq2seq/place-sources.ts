import type { Tensor2D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { placeTokens } from "../captioner/place-tokens.ts";
import type { Rows } from "./sequence-model.ts";

export type PlacedSources = {
  readonly tokens: Tensor2D; // [B, L] int32; token 0 stands where a row is over
  readonly lengths: readonly number[]; // [B]
};

/** Sources of several lengths, none empty, as one tensor, the caller's own. Throws `invalid-argument`. */
export function placeSources(sources: Rows, vocabularySize: number): PlacedSources {
  const lengths = sources.map(({ length }) => length);
  const longest = Math.max(0, ...lengths);
  if (lengths.length === 0 || lengths.includes(0)) {
    throw new VisionError(
      "invalid-argument",
      `sources: expected one token or more a row, got lengths [${lengths.join(", ")}]`,
    );
  }
  const padded = sources.map((source) => [...source, ...new Array<number>(longest - source.length).fill(0)]);
  return { tokens: placeTokens(padded, sources.length, vocabularySize), lengths };
}
