import { Lanes } from "./exponential";

/** `count` values in place, in fours. */
export function exponentialOf(values: usize, count: i32): void {
  const end = values + ((<usize>count) << 2);
  for (; values < end; values += 16) v128.store(values, Lanes.exponential(v128.load(values)));
}

/** The same for erf. */
export function errorFunctionOf(values: usize, count: i32): void {
  const end = values + ((<usize>count) << 2);
  for (; values < end; values += 16) v128.store(values, Lanes.errorFunction(v128.load(values)));
}
