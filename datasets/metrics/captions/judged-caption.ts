import { VisionError } from "../../../worker/contract/errors.ts";

/** What a model said of a picture, and what people said of it; all in tokens, as `tokenizeCaption` gives them. */
export type JudgedCaption = {
  readonly candidate: readonly string[];
  readonly references: readonly (readonly string[])[]; // at least one
};

/** Throws `invalid-argument` where nothing is to be judged, or a caption has nothing to be held against. */
export function expectReferences(captions: readonly JudgedCaption[]): void {
  if (captions.length === 0) throw new VisionError("invalid-argument", "captions: expected at least one, got none");
  const without = captions.findIndex(({ references }) => references.length === 0);
  if (without === -1) return;
  throw new VisionError("invalid-argument", `captions[${without}]: expected at least one reference, got none`);
}
