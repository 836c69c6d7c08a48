import { multiplyAdd } from "./multiply-add";

/** Where 2ⁿ of float32 ends, less what rounding n may add. */
const SMALLEST: f32 = -87; // e⁻⁸⁷ = 1.6e-38
const LARGEST: f32 = 88.7; // e^88.7 = 3.3e38

const LOG2_E: f32 = 1.44269504;
/** ln 2 in two parts, the first so short that its product with a whole number up to 128 is exact (Cody & Waite). */
const LN_2_HIGH: f32 = 0.693359375;
const LN_2_LOW: f32 = -2.1219444e-4;

/** Four values at a time. In a class because there alone one can ask for functions to be inlined. */
export class Lanes {
  /** 2ᶠ · 2ⁿ for f of −½…½ and whole n of −126…128; a minimax polynomial, 2e-9 relative. */
  @inline static scaledPower(f: v128, n: v128): v128 {
    let power = multiplyAdd(f32x4.splat(1.5353362e-4), f, f32x4.splat(1.3398875e-3));
    power = multiplyAdd(power, f, f32x4.splat(9.618437e-3));
    power = multiplyAdd(power, f, f32x4.splat(0.055503324));
    power = multiplyAdd(power, f, f32x4.splat(0.24022648));
    power = multiplyAdd(power, f, f32x4.splat(0.6931472));
    power = multiplyAdd(power, f, f32x4.splat(1));
    return i32x4.add(power, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23)); // into the exponent
  }

  /** eˣ, 3e-7 relative; below −87 as at −87, above 88.7 as at 88.7. */
  @inline static exponential(x: v128): v128 {
    const within = f32x4.pmin(f32x4.pmax(x, f32x4.splat(SMALLEST)), f32x4.splat(LARGEST)); // NaN stays NaN
    const n = f32x4.nearest(f32x4.mul(within, f32x4.splat(LOG2_E)));
    const rest = multiplyAdd(n, f32x4.splat(-LN_2_LOW), multiplyAdd(n, f32x4.splat(-LN_2_HIGH), within));
    return Lanes.scaledPower(f32x4.mul(rest, f32x4.splat(LOG2_E)), n);
  }

  /**
   * 1 − erf(x) for x ≥ 0, 1e-7 absolute, as 2 to a polynomial of degree 9 in x: the minimax fit of log₂ erfc on 0…4,
   * weighted by erfc. Above 4, where float32's erf is 1, as at 4.
   */
  @inline static complementaryError(x: v128): v128 {
    const within = f32x4.pmin(x, f32x4.splat(4));
    let slope = multiplyAdd(f32x4.splat(1.1604784e-5), within, f32x4.splat(-1.5296413e-4));
    slope = multiplyAdd(slope, within, f32x4.splat(8.482335e-4));
    slope = multiplyAdd(slope, within, f32x4.splat(-2.274784e-3));
    slope = multiplyAdd(slope, within, f32x4.splat(8.4803796e-5));
    slope = multiplyAdd(slope, within, f32x4.splat(0.027724477));
    slope = multiplyAdd(slope, within, f32x4.splat(-0.1483079));
    slope = multiplyAdd(slope, within, f32x4.splat(-0.9184429));
    slope = multiplyAdd(slope, within, f32x4.splat(-1.6279073));
    const power = f32x4.mul(slope, within);
    const n = f32x4.nearest(power);
    return Lanes.scaledPower(f32x4.sub(power, n), n);
  }

  /** erf(x), 1e-7 absolute. */
  @inline static errorFunction(x: v128): v128 {
    const size = f32x4.abs(x);
    const sign = v128.and(x, i32x4.splat(0x80000000));
    return v128.or(f32x4.sub(f32x4.splat(1), Lanes.complementaryError(size)), sign);
  }
}
