import { VisionError } from "./errors.ts";

/** A classifier's last layer, as plain numbers that JSON can hold: logits = weight · pooled + bias. */
export type Head = {
  readonly labels: readonly string[]; // by class index
  readonly weight: readonly (readonly number[])[]; // [classes, D]; D: numbers of what `embed` gives for a picture
  readonly bias: readonly number[]; // [classes]
};

/** One that `teach` made. */
export type TaughtHead = Head & {
  /** Share of the pictures, 0…1, that heads made from the others name rightly; null where a class has one picture. */
  readonly rightWhenHeldAside: number | null;
};

/** Which class each of a call's pictures shows. */
export type Labelling = {
  readonly labels: readonly string[]; // of the classes; two or more
  readonly classOf: readonly number[]; // by picture, an index of `labels`
};

/** Throws `invalid-argument` for classes that cannot be told apart, or pictures that are of none. */
export function expectLabelling({ labels, classOf }: Labelling, pictures: number): void {
  if (labels.length < 2)
    throw new VisionError("invalid-argument", `classes: wanted two or more to tell apart, got ${labels.length}`);
  const empty = labels.find((_, index) => !classOf.includes(index));
  if (empty !== undefined) throw new VisionError("invalid-argument", `${empty}: wanted one picture or more, got none`);
  if (classOf.length === pictures && classOf.every((index) => index in labels)) return;
  throw new VisionError("invalid-argument", `classes: wanted one of ${labels.length} for each of ${pictures} pictures`);
}

/** Throws `invalid-argument` for what is no head; whether it fits a model, the model tells. */
export function expectHead(head: unknown): asserts head is Head {
  const { labels, weight, bias } = (head ?? {}) as Record<keyof Head, unknown>;
  const isWhole = [labels, weight, bias].every(Array.isArray) && (weight as unknown[]).every(Array.isArray);
  if (isWhole) return;
  throw new VisionError(
    "invalid-argument",
    "head: wanted what teach() gave, { labels, weight, bias }, got something else",
  );
}
