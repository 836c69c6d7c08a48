/**
 * What softmax gets for a hidden key: −∞, or as near as the backend comes to it. Below any score of vectors that can be
 * typed (−2e4), above what hides a key (−6e4) added to one.
 */
const HIDDEN_BELOW = -3e4;

export const isHidden = (value: number): boolean => value < HIDDEN_BELOW;

/** Two decimals with a true minus sign; very small and very large numbers with a power of ten. */
export const formatNumber = (value: number): string => {
  if (isHidden(value)) return "−∞";
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 0.01 && size < 10_000);
  if (plain) return signed(Number.isInteger(value) ? String(value) : value.toFixed(2));
  if (!Number.isFinite(value)) return "∞";
  const [digits, power] = value.toExponential(1).split("e") as [string, string];
  return `${signed(digits)}·10${raised(Number(power))}`;
};

const signed = (text: string): string => text.replace(/^-/, "−");

const RAISED: Readonly<Record<string, string>> = Object.fromEntries(
  [..."⁰¹²³⁴⁵⁶⁷⁸⁹"].map((figure, at) => [String(at), figure] as const).concat([["-", "⁻"]]),
);

const raised = (power: number): string => [...String(power)].map((figure) => RAISED[figure]).join("");
