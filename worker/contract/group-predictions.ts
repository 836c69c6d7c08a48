import type { ModelInfo, Prediction } from "./api.ts";

/** Classes among the predictions of one picture that mean one thing to people, and what they come to together. */
export type PredictedGroup = {
  readonly label: string; // "lobster or spiny lobster"
  readonly score: number; // 0…1
};

/** The groups of which two classes or more are among the predictions, most probable first. */
export function groupPredictions(
  predictions: readonly Prediction[],
  groups: ModelInfo["labelGroups"],
): PredictedGroup[] {
  return groups
    .map((group) => predictions.filter(({ index }) => group.includes(index)))
    .filter((members) => members.length > 1)
    .map((members) => ({
      label: nameGroup(members.map(({ label }) => label)),
      score: members.reduce((sum, { score }) => sum + score, 0),
    }))
    .sort((a, b) => b.score - a.score);
}

/** `"a or b"`, `"a, b or c"`. */
export const nameGroup = (labels: readonly string[]): string => `${labels.slice(0, -1).join(", ")} or ${labels.at(-1)}`;
