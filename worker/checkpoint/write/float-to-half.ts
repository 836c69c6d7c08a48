const SIGN = 0x8000;
const QUIET_NAN = 0x7e00;

// Magnitudes in float32's bits, where halves change their form:
const INFINITE = 0x7f800000;
const TOO_BIG = 0x477ff000; // 65,520: halfway from the largest half, 65,504, to the next power of two
const SMALLEST_NORMAL = 0x38800000; // 2⁻¹⁴
const SMALLEST = 0x33000000; // 2⁻²⁵: half of the smallest half; the tie goes to zero

const EXPONENT_SHIFT = (127 - 15) << 23; // float32's exponent bias less half's

/** float32 → the bits of IEEE 754 binary16, to the nearest, ties to even; NaN stays NaN. Stops at a number too big. */
export function floatsToHalves(floats: Float32Array): { halves: Uint16Array } | { tooBigAt: number } {
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const halves = new Uint16Array(bits.length);
  for (let at = 0; at < bits.length; at++) {
    const magnitude = bits[at]! & 0x7fffffff;
    if (magnitude >= TOO_BIG && magnitude <= INFINITE) return { tooBigAt: at };
    halves[at] = ((bits[at]! >>> 16) & SIGN) | narrow(magnitude);
  }
  return { halves };
}

function narrow(magnitude: number): number {
  if (magnitude > INFINITE) return QUIET_NAN;
  if (magnitude >= SMALLEST_NORMAL) return shiftToNearest(magnitude - EXPONENT_SHIFT, 13); // a carry moves the exponent
  if (magnitude <= SMALLEST) return 0;
  const significand = (magnitude & 0x7fffff) | 0x800000; // subnormal: the hidden bit is written out
  return shiftToNearest(significand, 126 - (magnitude >>> 23));
}

/** `value / 2 ** places`, rounded to the nearest whole number, ties to even. */
function shiftToNearest(value: number, places: number): number {
  const whole = value >>> places;
  const rest = value & ((1 << places) - 1);
  const tie = 1 << (places - 1);
  return rest > tie || (rest === tie && (whole & 1) === 1) ? whole + 1 : whole;
}
