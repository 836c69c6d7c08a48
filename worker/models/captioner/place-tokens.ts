import { tensor2d, type Tensor2D } from "@tensorflow/tfjs-core";
import { VisionError } from "../../contract/errors.ts";
import { expectTokens } from "../../kernels/caption-rows.ts";

/** One list of tokens for each of `rows` captions, all of one length → `[rows, T]`, int32. Throws `invalid-argument`. */
export function placeTokens(tokens: readonly (readonly number[])[], rows: number, vocabularySize: number): Tensor2D {
  const count = tokens[0]?.length ?? 0;
  if (tokens.length !== rows || count === 0 || tokens.some(({ length }) => length !== count)) {
    const got = tokens.map(({ length }) => length).join(", ");
    throw new VisionError("invalid-argument", `tokens: expected ${rows} rows of one length, got lengths [${got}]`);
  }
  const flat = tokens.flat();
  expectTokens(flat, vocabularySize);
  return tensor2d(flat, [rows, count], "int32");
}
