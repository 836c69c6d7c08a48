import {
  add,
  argMax,
  cast,
  exp,
  logSoftmax,
  mean,
  mul,
  neg,
  oneHot,
  sub,
  sum,
  tidy,
  type Scalar,
  type Tensor2D,
} from "@tensorflow/tfjs-core";
import { expectShape } from "../layers/expect-shape.ts";

export type CrossEntropyOptions = {
  /** Share of every target that goes to all classes alike (Szegedy et al. 2016), 0 to 1. Default 0. */
  readonly labelSmoothing?: number | undefined;
};

/**
 * logits `[B, C]`, targets `[B, C]`, rows that sum to 1 → Σ −target · log softmax, the mean over the batch, in nats.
 * As `torch.nn.functional.cross_entropy` with class probabilities.
 */
export function crossEntropy(
  logits: Tensor2D,
  targets: Tensor2D,
  { labelSmoothing = 0 }: CrossEntropyOptions = {},
): Scalar {
  expectShape("cross-entropy targets", targets, logits.shape);
  return tidy(() => {
    const everywhere = labelSmoothing / logits.shape[1];
    const wanted = labelSmoothing > 0 ? add(mul(targets, 1 - labelSmoothing), everywhere) : targets; // [B, C]
    return neg(mean<Scalar>(sum(mul(wanted, logSoftmax(logits)), -1)));
  });
}

/** How a student follows its teacher. */
export type Distillation = CrossEntropyOptions &
  (
    | { readonly kind: "soft"; readonly weight: number; readonly temperature: number } // Hinton et al. 2015
    | { readonly kind: "hard"; readonly weight: number } // Touvron et al. 2021, DeiT
  );

/** What a teacher is followed by; `[B, C]` each. */
export type Distilled = {
  readonly logits: Tensor2D; // held against the targets
  readonly following: Tensor2D; // held against the teacher: the distillation head's, or `logits` again
  readonly teacher: Tensor2D; // logits, as they are
};

/** (1 − weight) · cross-entropy with the targets + weight · the distance from the teacher; the mean over the batch. */
export function distillationLoss(answers: Distilled, targets: Tensor2D, distillation: Distillation): Scalar {
  expectShape("teacher logits", answers.teacher, answers.following.shape);
  return tidy(() => {
    const learned = crossEntropy(answers.logits, targets, distillation);
    const followed =
      distillation.kind === "soft"
        ? divergence(answers.following, answers.teacher, distillation.temperature)
        : crossEntropy(answers.following, decision(answers.teacher));
    return add<Scalar>(mul(learned, 1 - distillation.weight), mul(followed, distillation.weight));
  });
}

/** T² · KL(teacher ‖ student) of both softened by the temperature T, so that its gradient keeps its size. */
function divergence(student: Tensor2D, teacher: Tensor2D, temperature: number): Scalar {
  const [wanted, got] = [teacher, student].map((logits) => logSoftmax(mul(logits, 1 / temperature))) as [
    Tensor2D,
    Tensor2D,
  ]; // [B, C]
  return mul(mean<Scalar>(sum(mul(exp(wanted), sub(wanted, got)), -1)), temperature ** 2);
}

/** logits `[B, C]` → 1 at the largest of each row and 0 elsewhere. Asked for floats, the wasm backend writes integers. */
const decision = (logits: Tensor2D): Tensor2D =>
  cast(oneHot(argMax(logits, -1), logits.shape[1]) as Tensor2D, "float32");
