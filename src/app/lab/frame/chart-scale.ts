/** From values to a chart's units and back to what its axis says. */
export type Scale = {
  readonly place: (value: number) => number; // 0 at the low end to 1 at the high end
  readonly ticks: readonly number[];
};

/** An axis of one value has a length all the same, which numbers as large as that value can still tell. */
const smallestSpan = (value: number): number => Math.max(1e-9, Math.abs(value) * 1e-6);

/** Even steps from 0, or from the smallest value where that is below, to a round number above the largest. */
export function linearScale(values: readonly number[], wanted = 4): Scale {
  const finite = values.filter(Number.isFinite);
  const low = Math.min(0, ...finite);
  const top = Math.max(low, ...finite);
  const high = top === 0 && low === 0 ? 1 : Math.max(low + smallestSpan(low), top);
  const step = roundStep((high - low) / wanted);
  const [first, last] = [Math.floor(low / step), Math.ceil(high / step - 1e-9)];
  const ticks = Array.from({ length: last - first + 1 }, (_, at) => tidyNumber((first + at) * step));
  const [from, to] = [ticks[0]!, ticks.at(-1)!];
  return { place: (value) => (value - from) / (to - from), ticks };
}

/** Powers of ten, or of `base`, around all values above 0. At most `most` of them get a tick. */
export function logScale(values: readonly number[], base = 10, most = 6): Scale {
  const powers = values
    .filter((value) => value > 0 && Number.isFinite(value))
    .map((value) => Math.log(value) / Math.log(base));
  const first = powers.length > 0 ? Math.floor(Math.min(...powers) + 1e-9) : 0;
  const last = Math.max(first + 1, powers.length > 0 ? Math.ceil(Math.max(...powers) - 1e-9) : 1);
  const stride = Math.ceil((last - first + 1) / most);
  const ticks = Array.from(
    { length: Math.floor((last - first) / stride) + 1 },
    (_, at) => base ** (first + at * stride),
  );
  const place = (value: number): number =>
    value > 0 ? (Math.log(value) / Math.log(base) - first) / (last - first) : 0;
  return { place, ticks };
}

/** The next of 1, 2 and 5 times a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10;
  return step * power;
}

/** Without what adding up in binary leaves behind. */
const tidyNumber = (value: number): number => Number(value.toPrecision(12));

/** At most `most` of many, first and last among them, evenly spread: what a table of a long curve shows. */
export function sample<T>(all: readonly T[], most: number): T[] {
  if (all.length <= most) return [...all];
  return Array.from({ length: most }, (_, at) => all[Math.round((at * (all.length - 1)) / (most - 1))]!);
}
