import { multiplyAdd } from "./multiply-add";

// Constants lie in memory, where one instruction fetches each; V8 takes three, every time, for one in the code.

/** Where 2ⁿ of float32 ends, less what rounding n may add: e⁻⁸⁷ = 1.6e-38, e^88.7 = 3.3e38. */
const RANGE = memory.data<f32>([-87, 88.7]);
const LOG2_E = memory.data<f32>([1.44269504]);
/** −ln 2 in two parts, the first so short that its product with a whole number up to 128 is exact (Cody & Waite). */
const MINUS_LN_2 = memory.data<f32>([-0.693359375, 2.1219444e-4]);
/** 1.5 · 2²³: a number added to it is rounded to a whole one, which the lowest bits of the sum hold. */
const ROUNDER = memory.data<f32>([12582912]);
/** 2ᶠ for f of −½…½, highest power first: a minimax polynomial, 2e-9 relative. */
const POWER = memory.data<f32>([1.5353362e-4, 1.3398875e-3, 9.618437e-3, 0.055503324, 0.24022648, 0.6931472, 1]);
/** log₂ erfc(x) / x on 0…4, highest power first: the minimax fit, weighted by erfc. */
const LOG_ERFC = memory.data<f32>([
  1.1604784e-5, -1.5296413e-4, 8.482335e-4, -2.274784e-3, 8.4803796e-5, 0.027724477, -0.1483079, -0.9184429, -1.6279073,
]);
const ERFC_END = memory.data<f32>([4]); // where float32's erf is 1

/** Four values at a time. In a class because there alone one can ask for functions to be inlined. */
export class Lanes {
  @inline static constant(table: usize, index: usize): v128 {
    return v128.load_splat<f32>(table + (index << 2));
  }

  /** 2ᶠ · 2ⁿ for f of −½…½ and whole n of −126…128; `rounded` is n with the rounder added. */
  @inline static scaledPower(f: v128, rounded: v128): v128 {
    let power = multiplyAdd(Lanes.constant(POWER, 0), f, Lanes.constant(POWER, 1));
    power = multiplyAdd(power, f, Lanes.constant(POWER, 2));
    power = multiplyAdd(power, f, Lanes.constant(POWER, 3));
    power = multiplyAdd(power, f, Lanes.constant(POWER, 4));
    power = multiplyAdd(power, f, Lanes.constant(POWER, 5));
    power = multiplyAdd(power, f, Lanes.constant(POWER, 6));
    return i32x4.add(power, i32x4.shl(rounded, 23)); // into the exponent
  }

  /** eˣ, 3e-7 relative; below −87 as at −87, above 88.7 as at 88.7. */
  @inline static exponential(x: v128): v128 {
    const rounder = Lanes.constant(ROUNDER, 0);
    const log2E = Lanes.constant(LOG2_E, 0);
    const within = f32x4.pmin(f32x4.pmax(x, Lanes.constant(RANGE, 0)), Lanes.constant(RANGE, 1)); // NaN stays NaN
    const rounded = multiplyAdd(within, log2E, rounder);
    const n = f32x4.sub(rounded, rounder);
    const rest = multiplyAdd(n, Lanes.constant(MINUS_LN_2, 1), multiplyAdd(n, Lanes.constant(MINUS_LN_2, 0), within));
    return Lanes.scaledPower(f32x4.mul(rest, log2E), rounded);
  }

  /** 1 − erf(x) for x ≥ 0, 1e-7 absolute, as 2 to a polynomial. Above 4 as at 4. */
  @inline static complementaryError(x: v128): v128 {
    const rounder = Lanes.constant(ROUNDER, 0);
    const within = f32x4.pmin(x, Lanes.constant(ERFC_END, 0));
    let slope = multiplyAdd(Lanes.constant(LOG_ERFC, 0), within, Lanes.constant(LOG_ERFC, 1));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 2));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 3));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 4));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 5));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 6));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 7));
    slope = multiplyAdd(slope, within, Lanes.constant(LOG_ERFC, 8));
    const power = f32x4.mul(slope, within);
    const rounded = f32x4.add(power, rounder);
    return Lanes.scaledPower(f32x4.sub(power, f32x4.sub(rounded, rounder)), rounded);
  }

  /** erf(x), 1e-7 absolute. */
  @inline static errorFunction(x: v128): v128 {
    const size = f32x4.abs(x);
    const sign = v128.and(x, i32x4.splat(0x80000000));
    return v128.or(f32x4.sub(f32x4.splat(1), Lanes.complementaryError(size)), sign);
  }
}
