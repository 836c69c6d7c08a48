/** How the learning rate moves over a training, as a factor of its base rate. Lengths are in updates. */
export type Schedule =
  | { readonly kind: "constant" }
  /** Vaswani et al. 2017: rises for `warmup` updates, then falls as 1/√update; the base rate is 1. */
  | { readonly kind: "inverse-square-root"; readonly width: number; readonly warmup: number }
  /** Loshchilov & Hutter 2017, without restarts: rises to 1, then half a cosine down to `floor` (default 0). */
  | { readonly kind: "cosine"; readonly warmup: number; readonly floor?: number | undefined }
  /** Smith & Topin 2018: up half a cosine for the share `rise` of all updates, then down half a longer one. */
  | { readonly kind: "one-cycle"; readonly rise: number };

/** PyTorch's `OneCycleLR` starts at 1/25 of its peak and ends at a ten-thousandth of that. */
const CYCLE_START = 1 / 25;
const CYCLE_END = CYCLE_START / 10_000;

/** The factor for update `step`, counted from 0, of `totalSteps`; behind the last one it stays where it ended. */
export function rateAt(schedule: Schedule, step: number, totalSteps: number): number {
  switch (schedule.kind) {
    case "constant":
      return 1;
    case "inverse-square-root": {
      const update = step + 1;
      return schedule.width ** -0.5 * Math.min(update ** -0.5, update * schedule.warmup ** -1.5);
    }
    case "cosine": {
      const { warmup, floor = 0 } = schedule;
      if (step < warmup) return (step + 1) / warmup;
      return halfCosine(1, floor, step - warmup, totalSteps - warmup);
    }
    case "one-cycle": {
      const [peak, last] = [Math.max(0, schedule.rise * totalSteps - 1), totalSteps - 1];
      if (step <= peak) return halfCosine(CYCLE_START, 1, step, peak);
      return halfCosine(1, CYCLE_END, step - peak, last - peak);
    }
  }
}

/** From `start` at 0 to `end` at `length` and behind it. */
const halfCosine = (start: number, end: number, at: number, length: number): number =>
  end + ((start - end) / 2) * (1 + Math.cos(Math.PI * (at < length ? at / length : 1)));
