import { describe, expect, test } from "vitest";
import { toFloat32 } from "../../../../worker/checkpoint/safetensors.ts";
import type { HostDtype } from "../../../../worker/contract/host-tensor.ts";

const bytesOf = (values: ArrayBufferView): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

const widen = (dtype: HostDtype, values: ArrayBufferView & { length: number }): Float32Array =>
  toFloat32({ dtype, shape: [values.length], bytes: bytesOf(values) });

const ALL_PATTERNS = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern);

/** IEEE 754: (−1)^sign · 2^(exponent − bias) · 1.fraction, written out in float64. */
function ieee(pattern: number, exponentBits: number, fractionBits: number): number {
  const fraction = pattern % 2 ** fractionBits;
  const exponent = Math.floor(pattern / 2 ** fractionBits) % 2 ** exponentBits;
  const sign = pattern >= 32_768 ? -1 : 1;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === 2 ** exponentBits - 1) return fraction === 0 ? sign * Infinity : NaN;
  if (exponent === 0) return sign * 2 ** (1 - bias) * (fraction / 2 ** fractionBits);
  return sign * 2 ** (exponent - bias) * (1 + fraction / 2 ** fractionBits);
}

describe("all 65,536 patterns", () => {
  test.each([
    ["F16", 5, 10],
    ["BF16", 8, 7],
  ] as const)("of %s", (dtype, exponentBits, fractionBits) => {
    const wrong = [...widen(dtype, ALL_PATTERNS)].filter(
      (value, pattern) => !Object.is(value, ieee(pattern, exponentBits, fractionBits)),
    );
    expect(wrong).toEqual([]);
  });
});

test("NaN payloads survive", () => {
  const bits = new Uint32Array(widen("F16", Uint16Array.of(0x7e01, 0xfd55)).buffer);
  expect([...bits]).toEqual([0x7fc02000, 0xffaaa000]);
});

test.each([
  ["F64", Float64Array.of(0.1, -1e300, 3), [Math.fround(0.1), -Infinity, 3]],
  ["F32", Float32Array.of(0.1, -0, NaN), [Math.fround(0.1), -0, NaN]],
  ["I64", BigInt64Array.of(-5n, 16_777_217n, 2n ** 62n), [-5, 16_777_216, 2 ** 62]],
  ["I32", Int32Array.of(-7, 2 ** 30), [-7, 2 ** 30]],
  ["I16", Int16Array.of(-32_768, 32_767), [-32_768, 32_767]],
  ["I8", Int8Array.of(-128, 127), [-128, 127]],
  ["U8", Uint8Array.of(0, 255), [0, 255]],
  ["BOOL", Uint8Array.of(0, 1), [0, 1]],
] as const)("%s", (dtype, values, wanted) => {
  expect([...widen(dtype, values)]).toEqual(wanted);
});

test.each(["F64", "F32", "F16", "BF16", "I64", "I32", "I16"] as const)("%s from any byte offset", (dtype) => {
  const source = Uint8Array.from({ length: 32 }, (_, at) => (at * 37) & 0x3f);
  const aligned = toFloat32({ dtype, shape: [], bytes: source });
  for (const offset of [1, 2, 3, 4, 5, 6, 7]) {
    const shifted = new Uint8Array(32 + offset);
    shifted.set(source, offset);
    expect(toFloat32({ dtype, shape: [], bytes: shifted.subarray(offset) })).toEqual(aligned);
  }
});
