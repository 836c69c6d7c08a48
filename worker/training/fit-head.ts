import type { Head, Labelling, TaughtHead } from "../contract/head.ts";
import type { Pause } from "../contract/turns.ts";
import { minimise, type Objective } from "./minimise.ts";

const DECAY = 0.1; // of squared weights, for features of deviation 1
const TOLERANCE = 1e-5; // of the gradient
const FOLDS = 5; // most parts that the pictures are held aside in

/**
 * Features `[D]` of each picture → the head that tells their classes: multinomial logistic regression on standardised
 * features, every class weighing the same however many pictures it has, which is written out for features as they are.
 */
export async function fitHead(
  features: readonly Float32Array[],
  labelling: Labelling,
  pause: Pause,
): Promise<TaughtHead> {
  const rightWhenHeldAside = await heldAside(features, labelling, pause);
  return { ...(await fit(features, labelling, pause)), rightWhenHeldAside };
}

async function fit(features: readonly Float32Array[], { labels, classOf }: Labelling, pause: Pause): Promise<Head> {
  const { mean, deviation } = measure(features);
  const D = mean.length;
  const rows = features.map((row) => Float64Array.from(row, (x, d) => (x - mean[d]!) / deviation[d]!));
  const start = new Float64Array(labels.length * (D + 1)); // for each class D weights and a bias
  const x = await minimise(lossOf(rows, classOf, labels.length), start, TOLERANCE, pause);
  const weight = labels.map((_, label) => Array.from(deviation, (by, d) => x[label * (D + 1) + d]! / by));
  const bias = weight.map((row, label) => x[label * (D + 1) + D]! - row.reduce((sum, w, d) => sum + w * mean[d]!, 0));
  return { labels, weight, bias };
}

/** Cross-entropy, the mean over classes of the mean over each one's rows `[D]`, and half the decayed squared weights. */
function lossOf(rows: readonly Float64Array[], classOf: readonly number[], classes: number): Objective {
  const D = rows[0]!.length;
  const labels = Array.from({ length: classes }, (_, label) => label);
  const counts = labels.map((label) => classOf.filter((one) => one === label).length);
  return (x, gradient) => {
    let loss = 0;
    for (let at = 0; at < x.length; at++) {
      const decay = at % (D + 1) === D ? 0 : DECAY; // biases are free
      gradient[at] = decay * x[at]!;
      loss += (decay / 2) * x[at]! ** 2;
    }
    for (const [index, row] of rows.entries()) {
      const wanted = classOf[index]!;
      const share = 1 / (classes * counts[wanted]!);
      const logits = labels.map((label) => logitOf(x, label * (D + 1), row));
      const highest = Math.max(...logits);
      const total = logits.reduce((sum, logit) => sum + Math.exp(logit - highest), 0);
      loss += share * (highest + Math.log(total) - logits[wanted]!);
      for (const [label, logit] of logits.entries()) {
        const slope = share * (Math.exp(logit - highest) / total - Number(label === wanted));
        const from = label * (D + 1);
        for (let d = 0; d < D; d++) gradient[from + d]! += slope * row[d]!;
        gradient[from + D]! += slope;
      }
    }
    return loss;
  };
}

function logitOf(x: Float64Array, from: number, row: Float64Array): number {
  let sum = x[from + row.length]!;
  for (let d = 0; d < row.length; d++) sum += x[from + d]! * row[d]!;
  return sum;
}

const ROUNDING = 2 ** -23; // of a float32, relative

/**
 * Of each feature. One that is the same everywhere, as far as its precision tells, has an endless deviation: it tells no
 * class from another, its weight becomes 0, and no rounding of its mean is taken for news.
 */
function measure(rows: readonly Float32Array[]) {
  const D = rows[0]!.length;
  const mean = new Float64Array(D);
  const deviation = new Float64Array(D);
  for (const row of rows) for (let d = 0; d < D; d++) mean[d]! += row[d]! / rows.length;
  for (const row of rows) for (let d = 0; d < D; d++) deviation[d]! += (row[d]! - mean[d]!) ** 2 / rows.length;
  const settle = (variance: number, d: number): number => {
    const spread = Math.sqrt(variance);
    return spread > ROUNDING * Math.abs(mean[d]!) ? spread : Infinity;
  };
  return { mean, deviation: deviation.map(settle) };
}

/** The pictures in parts, each with its share of every class; each part is named by a head made from the others. */
async function heldAside(
  features: readonly Float32Array[],
  labelling: Labelling,
  pause: Pause,
): Promise<number | null> {
  const { labels, classOf } = labelling;
  const seen = labels.map(() => 0);
  const order = classOf.map((label) => seen[label]!++); // of each picture among those of its class
  const folds = Math.min(FOLDS, ...seen);
  if (folds < 2) return null;
  let right = 0;
  for (let fold = 0; fold < folds; fold++) {
    const isSeen = (_: unknown, picture: number): boolean => order[picture]! % folds !== fold;
    const head = await fit(features.filter(isSeen), { labels, classOf: classOf.filter(isSeen) }, pause);
    right += features.filter((row, at) => !isSeen(row, at) && guess(head, row) === classOf[at]).length;
  }
  return right / features.length;
}

function guess({ weight, bias }: Head, features: Float32Array): number {
  const logits = weight.map((row, label) => row.reduce((sum, w, d) => sum + w * features[d]!, bias[label]!));
  return logits.indexOf(Math.max(...logits));
}
