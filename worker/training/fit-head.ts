import type { Lesson, TaughtHead } from "../contract/head.ts";
import type { Pause } from "../contract/turns.ts";
import { minimise } from "./minimise.ts";

const DECAY = 0.1; // of squared weights, for features of deviation 1
const TOLERANCE = 1e-5; // of the gradient
const FOLDS = 5; // most parts that the pictures are held aside in

/**
 * Features `[D]` of each picture → the head that tells their classes: multinomial logistic regression on standardised
 * features, every class weighing the same however many pictures it has, which is written out for features as they are.
 */
export async function fitHead(features: readonly Float32Array[], lesson: Lesson, pause: Pause): Promise<TaughtHead> {
  const all = features.map((_, picture) => picture);
  const rightWhenHeldAside = await heldAside(features, lesson, pause);
  return { ...(await fit(features, lesson, all, pause)), rightWhenHeldAside };
}

type Fitted = Pick<TaughtHead, "labels" | "weight" | "bias">;

async function fit(
  features: readonly Float32Array[],
  { labels, classOf }: Lesson,
  pictures: readonly number[],
  pause: Pause,
): Promise<Fitted> {
  const classes = labels.length;
  const { mean, deviation } = measure(pictures.map((picture) => features[picture]!));
  const D = mean.length;
  const rows = pictures.map((picture) =>
    Float64Array.from(features[picture]!, (x, d) => (x - mean[d]!) / deviation[d]!),
  );
  const counts = labels.map((_, index) => pictures.filter((picture) => classOf[picture] === index).length);
  const weightOf = pictures.map((picture) => 1 / (classes * counts[classOf[picture]!]!)); // they sum to 1

  /** x: for each class D weights and a bias. */
  const loss = (x: Float64Array, gradient: Float64Array): number => {
    let sum = 0;
    for (let at = 0; at < x.length; at++) {
      const isBias = at % (D + 1) === D;
      gradient[at] = isBias ? 0 : DECAY * x[at]!;
      if (!isBias) sum += (DECAY / 2) * x[at]! ** 2;
    }
    for (const [index, row] of rows.entries()) {
      const wanted = classOf[pictures[index]!]!;
      const logits = labels.map((_, label) => logitOf(x, label * (D + 1), row));
      const highest = Math.max(...logits);
      const total = logits.reduce((all, logit) => all + Math.exp(logit - highest), 0);
      sum += weightOf[index]! * (highest + Math.log(total) - logits[wanted]!);
      for (const [label, logit] of logits.entries()) {
        const slope = weightOf[index]! * (Math.exp(logit - highest) / total - Number(label === wanted));
        const from = label * (D + 1);
        for (let d = 0; d < D; d++) gradient[from + d]! += slope * row[d]!;
        gradient[from + D]! += slope;
      }
    }
    return sum;
  };

  const x = await minimise(loss, new Float64Array(classes * (D + 1)), TOLERANCE, pause);
  const weight = labels.map((_, label) => Array.from(deviation, (by, d) => x[label * (D + 1) + d]! / by));
  const bias = weight.map((row, label) => x[label * (D + 1) + D]! - row.reduce((sum, w, d) => sum + w * mean[d]!, 0));
  return { labels, weight, bias };
}

function logitOf(x: Float64Array, from: number, row: Float64Array): number {
  let sum = x[from + row.length]!;
  for (let d = 0; d < row.length; d++) sum += x[from + d]! * row[d]!;
  return sum;
}

/** Of each feature; one that is the same everywhere has no deviation to divide by. */
function measure(rows: readonly Float32Array[]) {
  const D = rows[0]!.length;
  const mean = new Float64Array(D);
  const deviation = new Float64Array(D);
  for (const row of rows) for (let d = 0; d < D; d++) mean[d]! += row[d]! / rows.length;
  for (const row of rows) for (let d = 0; d < D; d++) deviation[d]! += (row[d]! - mean[d]!) ** 2 / rows.length;
  return { mean, deviation: deviation.map((variance) => Math.sqrt(variance) || 1) };
}

/** The pictures in parts, each with its share of every class; each part is named by a head made from the others. */
async function heldAside(features: readonly Float32Array[], lesson: Lesson, pause: Pause): Promise<number | null> {
  const { labels, classOf } = lesson;
  const seen = labels.map(() => 0);
  const order = classOf.map((label) => seen[label]!++); // of each picture among those of its class
  const folds = Math.min(FOLDS, ...seen);
  if (folds < 2) return null;
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const isAside = (picture: number): boolean => order[picture]! % folds === fold;
    const pictures = [...features.keys()];
    const head = await fit(
      features,
      lesson,
      pictures.filter((picture) => !isAside(picture)),
      pause,
    );
    right += pictures.filter(
      (picture) => isAside(picture) && guess(head, features[picture]!) === classOf[picture],
    ).length;
  }
  return right / features.length;
}

function guess({ weight, bias }: Fitted, features: Float32Array): number {
  const logits = weight.map((row, label) => row.reduce((sum, w, d) => sum + w * features[d]!, bias[label]!));
  return logits.indexOf(Math.max(...logits));
}
