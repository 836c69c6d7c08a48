import { END, START } from "./alphabet.ts";
import type { SequenceConfig } from "./sequence-config.ts";
import type { SequenceTask } from "./sequence-task.ts";
import type { SequenceRecipe } from "./train-sequences.ts";

/** A model that learns its task within a minute or two on one core. */
export type LessonModel = "attention" | "no-attention" | "transformer";

/** Both LSTMs are alike but for attention. */
export function lessonConfig(model: LessonModel, task: SequenceTask): SequenceConfig {
  const { source, target, longestSource, longestTarget } = task;
  const languages = { sourceSize: source.size, targetSize: target.size, startToken: START, endToken: END };
  if (model !== "transformer") {
    const attention = model === "attention" ? "dot" : null;
    return { kind: "recurrent", ...languages, embeddingSize: 32, hiddenSize: 64, layers: 1, attention };
  }
  return {
    kind: "transformer",
    ...languages,
    hiddenSize: 64,
    layers: 2,
    heads: 2,
    intermediateSize: 128,
    maxPositions: Math.max(longestSource, longestTarget + 1),
    layerNormEpsilon: 1e-5,
  };
}

/** Small batches and a steep cycle: what counts is how much is learned in a minute. */
export const lessonRecipe = (model: LessonModel, seed: number, updates = 500): SequenceRecipe => ({
  updates,
  batch: 64,
  rate: model === "transformer" ? 3e-3 : 5e-3,
  schedule: { kind: "one-cycle", rise: 0.2 },
  clip: 1,
  dropout: 0,
  seed,
});
