import { isRight, type Outcome } from "./outcome.ts";

/** The wrong answers given with the highest confidence, worst first; of equals, the earlier first. */
export const worstMistakes = <T extends Outcome>(outcomes: readonly T[], most: number): T[] =>
  outcomes
    .filter((outcome) => !isRight(outcome))
    .sort((a, b) => b.confidence - a.confidence)
    .slice(0, most);
