const PATTERNS = 65_536;
const EXPONENT_SHIFT = 127 - 15; // float32's exponent bias less half's

let table: Uint32Array | null = null;

/** For each of the 65,536 half-precision patterns (IEEE 754 binary16), the bits of the same number in float32. */
export const halfToFloatBits = (): Uint32Array =>
  (table ??= Uint32Array.from({ length: PATTERNS }, (_, half) => widen(half)));

function widen(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f800000 | (fraction << 13); // infinity, NaN
  if (exponent > 0) return sign | ((exponent + EXPONENT_SHIFT) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  const leading = 31 - Math.clz32(fraction); // a subnormal half is a normal float: its leading bit becomes the hidden one
  return sign | ((leading - 24 + 127) << 23) | ((fraction << (23 - leading)) & 0x7fffff);
}
