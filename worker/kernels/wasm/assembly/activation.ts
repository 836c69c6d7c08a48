import { Lanes } from "./exponential";
import { multiplyAdd } from "./multiply-add";

/** Numbers of the activations, as activations.ts has them; 0 is none. */
const GELU = 1;
const GELU_TANH = 2;
const RELU = 3;
const SILU = 4;

const SQRT_HALF: f32 = 0.70710678;
const SQRT_2_OVER_PI: f32 = 0.79788456;

class Activation {
  /** x · Φ(x) = max(x, 0) − ½ |x| erfc(|x| / √2), which is exact to the last digits in either tail. */
  @inline static gelu(x: v128): v128 {
    const size = f32x4.abs(x);
    const tail = Lanes.complementaryError(f32x4.mul(size, f32x4.splat(SQRT_HALF)));
    return multiplyAdd(f32x4.mul(size, f32x4.splat(-0.5)), tail, f32x4.pmax(x, f32x4.splat(0)));
  }

  /** x / (1 + e⁻ˣ) */
  @inline static silu(x: v128): v128 {
    return f32x4.div(x, f32x4.add(f32x4.splat(1), Lanes.exponential(f32x4.neg(x))));
  }

  /** ½ x (1 + tanh u) = x / (1 + e⁻²ᵘ) with u = √(2/π) (x + 0.044715 x³) */
  @inline static geluTanh(x: v128): v128 {
    const inner = multiplyAdd(f32x4.mul(x, x), f32x4.splat(0.044715), f32x4.splat(1));
    const twice = f32x4.mul(f32x4.mul(x, inner), f32x4.splat(-2 * SQRT_2_OVER_PI));
    return f32x4.div(x, f32x4.add(f32x4.splat(1), Lanes.exponential(twice)));
  }
}

/** A strip of eight columns, in place. */
export function activateStrip(activation: i32, strip: usize, rows: i32, stride: usize): void {
  const end = strip + <usize>rows * stride;
  for (; strip < end; strip += stride) {
    const left = v128.load(strip);
    const right = v128.load(strip, 16);
    if (activation == GELU) storePair(strip, Activation.gelu(left), Activation.gelu(right));
    else if (activation == GELU_TANH) storePair(strip, Activation.geluTanh(left), Activation.geluTanh(right));
    else if (activation == SILU) storePair(strip, Activation.silu(left), Activation.silu(right));
    else if (activation == RELU) storePair(strip, f32x4.pmax(left, f32x4.splat(0)), f32x4.pmax(right, f32x4.splat(0)));
  }
}

function storePair(at: usize, left: v128, right: v128): void {
  v128.store(at, left);
  v128.store(at, right, 16);
}
