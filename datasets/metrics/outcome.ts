/** What a model said of one picture; classes as whole numbers from 0. */
export type Outcome = {
  readonly truth: number;
  readonly predicted: number; // the class it puts first
  readonly confidence: number; // the probability it gives that class, 0…1
  readonly rank: number; // of the truth: 0 where it is first, Infinity where it was not among those looked at
};

export const isRight = ({ truth, predicted }: Outcome): boolean => truth === predicted;

/** 1 for each picture whose class is among the first `k`, 0 for each other; their mean is the top-k accuracy. */
export const topKHits = (outcomes: readonly Outcome[], k: number): number[] =>
  outcomes.map(({ rank }) => Number(rank < k));
