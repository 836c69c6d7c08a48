import type { Pause } from "../contract/turns.ts";

/** Puts the gradient at `x` into `gradient`, and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;

/** A step that was taken, and by how much the gradient changed with it. */
type Step = { readonly moved: Float64Array; readonly turned: Float64Array };

const KEPT = 10; // steps that the curvature is told by
const MOST = 500; // steps
const ENOUGH = 1e-4; // of the fall that the slope promises (Armijo)

/**
 * The minimum of a smooth, strictly convex function, from `start` on, by L-BFGS (Liu & Nocedal 1989; Nocedal & Wright,
 * "Numerical Optimization", algorithm 7.4) until no component of the gradient is above `tolerance`. `pause` is awaited
 * before every step.
 */
export async function minimise(
  objective: Objective,
  start: Float64Array,
  tolerance: number,
  pause: Pause,
): Promise<Float64Array> {
  let at = { x: start, gradient: new Float64Array(start.length), value: 0 };
  at.value = objective(at.x, at.gradient);
  const steps: Step[] = [];
  for (let count = 0; count < MOST && at.gradient.some((part) => Math.abs(part) > tolerance); count++) {
    await pause();
    const direction = descent(at.gradient, steps);
    const slope = dot(at.gradient, direction);
    let next = at;
    for (let share = 1; share > 1e-12; share /= 2) {
      const x = at.x.map((value, index) => value + share * direction[index]!);
      const gradient = new Float64Array(x.length);
      next = { x, gradient, value: objective(x, gradient) };
      if (next.value <= at.value + ENOUGH * share * slope) break;
    }
    if (!(next.value < at.value)) return at.x; // as near as its numbers tell
    steps.push({ moved: minus(next.x, at.x), turned: minus(next.gradient, at.gradient) });
    if (steps.length > KEPT) steps.shift();
    at = next;
  }
  return at.x;
}

/** Where to go: against the gradient, by what the last steps tell of the curvature. */
function descent(gradient: Float64Array, steps: readonly Step[]): Float64Array {
  const direction = gradient.map((part) => -part);
  const shares: number[] = [];
  for (const { moved, turned } of steps.toReversed()) {
    const share = dot(moved, direction) / dot(moved, turned);
    shares.unshift(share);
    addTo(direction, turned, -share);
  }
  const last = steps.at(-1);
  const scale = last
    ? dot(last.moved, last.turned) / dot(last.turned, last.turned)
    : 1 / Math.sqrt(dot(gradient, gradient));
  direction.forEach((part, index) => (direction[index] = part * scale));
  steps.forEach(({ moved, turned }, index) =>
    addTo(direction, moved, shares[index]! - dot(turned, direction) / dot(moved, turned)),
  );
  return direction;
}

const minus = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, index) => value - b[index]!);

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function addTo(a: Float64Array, b: Float64Array, share: number): void {
  for (let index = 0; index < a.length; index++) a[index]! += share * b[index]!;
}
