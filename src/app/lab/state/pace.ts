/** How fast a run goes, as far as it has been seen. */
export type Pace = {
  readonly update: number; // the last one
  readonly at: number | null; // when it ended, ms; null: the run has waited since
  readonly each: number; // ms an update takes, smoothed
  readonly measured: number; // updates that were
};

export const NO_PACE: Pace = { update: 0, at: null, each: 0, measured: 0 };

/** Fewer tell little: kernels are still being compiled, tensors of new sizes made. */
const ENOUGH = 5; // updates

/** Share of a new update in what is expected of the next, once there have been many: a few seconds' hiccup is no trend. */
const LEAST_SHARE = 0.05;

/** Another update has ended. The first, and the one after a wait, are not measured. */
export const noteUpdate = (pace: Pace, update: number, now: number): Pace => {
  if (pace.at === null) return { ...pace, update, at: now };
  const measured = pace.measured + 1;
  const share = Math.max(1 / measured, LEAST_SHARE); // the mean at first
  return { update, at: now, each: pace.each + share * (now - pace.at - pace.each), measured };
};

/** What follows is a wait, not work. */
export const pausePace = (pace: Pace): Pace => ({ ...pace, at: null });

/** Milliseconds until the last of `of` updates; null while too little is known, and when none is left. */
export const timeLeft = ({ update, each, measured }: Pace, of: number): number | null =>
  measured < ENOUGH || update >= of ? null : (of - update) * each;

type RoundTime = { readonly unit: "minutes" | "seconds"; readonly count: number };

const MINUTE = 60; // seconds
const STEP = 10; // seconds

/** To minutes, below one and a half to tens of seconds: it is an estimate. */
export const roundTime = (milliseconds: number): RoundTime => {
  const seconds = milliseconds / 1000;
  if (seconds >= 1.5 * MINUTE) return { unit: "minutes", count: Math.round(seconds / MINUTE) };
  return { unit: "seconds", count: STEP * Math.max(1, Math.round(seconds / STEP)) };
};
