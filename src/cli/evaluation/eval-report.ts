import { bootstrapInterval, mean } from "../../../datasets/metrics/bootstrap.ts";
import { calibrationError } from "../../../datasets/metrics/calibration.ts";
import {
  confusionMatrix,
  mostConfused,
  perClassAccuracy,
  type Confusion,
} from "../../../datasets/metrics/confusion.ts";
import { topKHits, type Outcome } from "../../../datasets/metrics/outcome.ts";
import { worstMistakes } from "../../../datasets/metrics/worst-mistakes.ts";
import { nameGroup } from "../../../worker/contract/group-predictions.ts";

/** A picture's outcome, and where the picture is. */
export type FileOutcome = Outcome & {
  readonly file: string;
  readonly groupedRank: number; // as `rank`, of the first class in the truth's group
};

/** What was measured, before it is put into numbers. Classes are counted as in `ClassMatch`. */
export type Measured = {
  readonly outcomes: readonly FileOutcome[]; // at least one
  readonly labels: readonly string[];
  readonly classes: number; // the data set's, the first of `labels`
  readonly groups: readonly (readonly number[])[]; // classes that mean one thing to people
  readonly seconds: number;
};

/** The numbers of the result line; shares are 0…1, intervals cover 95 %. */
export function summarise({ outcomes, seconds }: Measured) {
  return {
    n: outcomes.length,
    ...accuracies(outcomes),
    calibrationError: calibrationError(outcomes),
    seconds: Math.round(seconds * 1000) / 1000,
  };
}

/** The accuracies again, an answer counting as right that is in the right class's group; none without groups. */
export function summariseGrouped({ outcomes, groups, labels }: Measured) {
  if (groups.length === 0) return null;
  const grouped = accuracies(outcomes.map(({ groupedRank, ...outcome }) => ({ ...outcome, rank: groupedRank })));
  return {
    top1Grouped: grouped.top1,
    top5Grouped: grouped.top5,
    top1GroupedInterval: grouped.top1Interval,
    top5GroupedInterval: grouped.top5Interval,
    labelGroups: groups.map((group) => group.map((index) => labels[index]!)),
  };
}

function accuracies(outcomes: readonly Outcome[]) {
  const [first, firstFive] = [topKHits(outcomes, 1), topKHits(outcomes, 5)];
  return {
    top1: mean(first),
    top5: mean(firstFive),
    top1Interval: bootstrapInterval(first),
    top5Interval: bootstrapInterval(firstFive),
  };
}

export type Mistake = {
  readonly file: string;
  readonly label: string;
  readonly predicted: string;
  readonly score: number;
};

export const tellMistakes = ({ outcomes, labels }: Measured, most: number): Mistake[] =>
  worstMistakes(outcomes, most).map(({ file, truth, predicted, confidence }) => {
    return { file, label: labels[truth]!, predicted: labels[predicted]!, score: confidence };
  });

/** Columns: the data set's classes, then what else the model answered. */
export function confusionTable({ outcomes, labels, classes }: Measured): (string | number)[][] {
  const matrix = confusionMatrix(outcomes, labels.length);
  const columns = [...labels.keys()].filter((at) => at < classes || matrix.some((row) => row[at]! > 0));
  const rows = matrix.slice(0, classes).map((row, at) => [labels[at]!, ...columns.map((column) => row[column]!)]);
  return [["label", ...columns.map((column) => labels[column]!)], ...rows];
}

const SHOWN = 5; // pairs, classes

/** The same for people. */
export function describe(measured: Measured, mistakes: readonly Mistake[]): string {
  const { labels, outcomes, seconds } = measured;
  const summary = summarise(measured);
  const matrix = confusionMatrix(outcomes, labels.length);
  return [
    `  top-1              ${accuracy(summary.top1, summary.top1Interval)}`,
    `  top-5              ${accuracy(summary.top5, summary.top5Interval)}`,
    ...describeGrouped(measured),
    `  calibration error  ${aligned(summary.calibrationError)}`,
    `  time               ${seconds.toFixed(1)} s, ${(outcomes.length / seconds).toFixed(1)} pictures a second`,
    ...section("least recognised", leastRecognised(matrix, labels)),
    ...section("most confused", confusedPairs(matrix, labels)),
    ...section("worst mistakes", mistakes.map(describeMistake)),
  ].join("\n");
}

function describeGrouped(measured: Measured): string[] {
  const grouped = summariseGrouped(measured);
  if (!grouped) return [];
  return [
    `  top-1, grouped     ${accuracy(grouped.top1Grouped, grouped.top1GroupedInterval)}`,
    `  top-5, grouped     ${accuracy(grouped.top5Grouped, grouped.top5GroupedInterval)}`,
    `    where one is as good as the other: ${grouped.labelGroups.map(nameGroup).join("; ")}`,
  ];
}

const describeMistake = ({ file, label, predicted, score }: Mistake): string =>
  `${aligned(score)}  ${predicted}, is ${label}: ${file}`;

function leastRecognised(matrix: Confusion, labels: readonly string[]): string[] {
  const known = perClassAccuracy(matrix).flatMap(({ classIndex, n, accuracy }) =>
    accuracy === null || accuracy === 1 ? [] : [{ label: labels[classIndex]!, n, accuracy }],
  );
  const worst = known.sort((a, b) => a.accuracy - b.accuracy).slice(0, SHOWN);
  return worst.map(({ label, n, accuracy }) => `${aligned(accuracy)}  ${label} (${n})`);
}

const confusedPairs = (matrix: Confusion, labels: readonly string[]): string[] =>
  mostConfused(matrix, SHOWN).map(({ truth, predicted, count }) => {
    return `${String(count).padStart(8)}  ${labels[truth]!} taken for ${labels[predicted]!}`;
  });

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [`  ${title}`, ...lines.map((line) => `    ${line}`)] : [];

export const percent = (part: number): string => `${(part * 100).toFixed(2)} %`;

const aligned = (part: number): string => percent(part).padStart(8);

const accuracy = (share: number, interval: readonly [number, number]): string =>
  `${aligned(share)}  (95 % interval ${range(interval)})`;

const range = ([low, high]: readonly [number, number]): string => `${(low * 100).toFixed(2)} to ${percent(high)}`;
