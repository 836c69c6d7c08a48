/** How numbers are written for people. */

/** Bytes in decimal units, as download sizes are usually given: `2.5 MB`, `346 MB`. */
export const formatBytes = (bytes: number): string => {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1_000_000) return `${Math.round(bytes / 1000)} KB`;
  return `${shorten(bytes, 1_000_000)} MB`;
};

/** A count in thousands or millions: `812`, `86 thousand`, `5.7 million`. */
export const formatCount = (count: number): string => {
  if (count < 1000) return String(count);
  if (count < 1_000_000) return `${Math.round(count / 1000)} thousand`;
  return `${shorten(count, 1_000_000)} million`;
};

/** A probability, 0…1, with one decimal: `83.1%`; what would read 0.0 is told as `<0.1%`. */
export const formatPercent = (score: number): string => {
  if (score > 0 && score < 0.0005) return "<0.1%";
  return `${(score * 100).toFixed(1)}%`;
};

/** With two decimals and a true minus sign: `−0.52`. */
export const formatScore = (score: number): string => score.toFixed(2).replace(/^-/, "−");

export const formatMilliseconds = (milliseconds: number): string =>
  milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`;

/** `"1 photo"`, `"3 photos"`. */
export const countOf = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** One decimal below ten, none above. */
const shorten = (amount: number, unit: number): string => {
  const inUnits = amount / unit;
  return inUnits < 9.95 ? inUnits.toFixed(1) : String(Math.round(inUnits));
};
