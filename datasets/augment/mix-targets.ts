import { VisionError } from "../../worker/contract/errors.ts";

/** Pictures as a model takes them, and how much of each class is in each. */
export type LabelledBatch = {
  readonly shape: readonly [batch: number, height: number, width: number, channels: number];
  readonly pixels: Float32Array; // [B, H, W, C]
  readonly targets: Float32Array; // [B, classes], each row a distribution
};

/** `own`: the share of each picture that is still its own; the rest is the picture's before it, the first's the last's. */
export type MixedBatch = LabelledBatch & { readonly own: number };

/** Where the row starts that row `at` of `[batch, length]` is mixed with: the one before, as torchvision's `roll(1)`. */
export const partnerOf = (at: number, batch: number, length: number): number => ((at + batch - 1) % batch) * length;

/** `[B, classes]` → `[B, classes]`: `own` of each row and 1 − `own` of its partner's. */
export function mixTargets({ shape: [batch], targets }: LabelledBatch, own: number): Float32Array {
  const classes = targets.length / batch;
  const mixed = new Float32Array(targets.length);
  for (let at = 0; at < batch; at++) {
    const partner = partnerOf(at, batch, classes);
    for (let i = 0; i < classes; i++) {
      mixed[at * classes + i] = own * targets[at * classes + i]! + (1 - own) * targets[partner + i]!;
    }
  }
  return mixed;
}

/** Throws `input-shape`. */
export function checkBatch({ shape, pixels, targets }: LabelledBatch): void {
  const [batch, height, width, channels] = shape;
  const wanted = batch * height * width * channels;
  if (pixels.length !== wanted) {
    throw new VisionError(
      "input-shape",
      `pixels [${shape.join(", ")}]: wanted ${wanted} numbers, got ${pixels.length}`,
    );
  }
  if (targets.length % batch !== 0) {
    throw new VisionError("input-shape", `targets: wanted [${batch}, classes], got ${targets.length} numbers`);
  }
}
