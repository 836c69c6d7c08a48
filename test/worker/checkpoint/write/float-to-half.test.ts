import fc from "fast-check";
import { expect, test } from "vitest";
import { toFloat32 } from "../../../../worker/checkpoint/safetensors.ts";
import { floatsToHalves } from "../../../../worker/checkpoint/write/float-to-half.ts";

const ofBits = (...bits: number[]): Float32Array => new Float32Array(Uint32Array.from(bits).buffer);

const widen = (halves: Uint16Array): Float32Array =>
  toFloat32({ dtype: "F16", shape: [halves.length], bytes: new Uint8Array(halves.buffer) });

// numpy 2.4: np.array(bits, np.uint32).view(np.float32).astype(np.float16).view(np.uint16)
const NUMPY: readonly (readonly [float: number, half: number])[] = [
  [0x00000000, 0x0000],
  [0x80000000, 0x8000],
  [0x3f800000, 0x3c00],
  [0xbf800000, 0xbc00],
  [0x3f801000, 0x3c00],
  [0x3f803000, 0x3c02],
  [0x3f801001, 0x3c01],
  [0x3f800fff, 0x3c00],
  [0x3fffefff, 0x3fff],
  [0x3ffff000, 0x4000],
  [0x3f7fefff, 0x3bff],
  [0x3f7ff000, 0x3c00],
  [0x477fe000, 0x7bff],
  [0x477fefff, 0x7bff],
  [0xc77fefff, 0xfbff],
  [0x38800000, 0x0400],
  [0x387fffff, 0x0400],
  [0x387fe000, 0x0400],
  [0x387fdfff, 0x03ff],
  [0x387fc000, 0x03ff],
  [0x38000000, 0x0200],
  [0x38001000, 0x0200],
  [0x38002000, 0x0200],
  [0x38003000, 0x0201],
  [0x38006000, 0x0202],
  [0x38002001, 0x0201],
  [0x33800000, 0x0001],
  [0x33000000, 0x0000],
  [0x33000001, 0x0001],
  [0xb3000001, 0x8001],
  [0x32ffffff, 0x0000],
  [0x33c00000, 0x0002],
  [0x33bfffff, 0x0001],
  [0x33c00001, 0x0002],
  [0x34200000, 0x0002],
  [0x34600000, 0x0004],
  [0x34200001, 0x0003],
  [0x00000001, 0x0000],
  [0x007fffff, 0x0000],
  [0x00800000, 0x0000],
  [0x7fc00000, 0x7e00],
  [0xffc00000, 0xfe00],
  [0x3dcccccd, 0x2e66],
  [0xc048f5c3, 0xc248],
  [0x3eaaaaab, 0x3555],
];

test("ties, subnormals, zeros, the largest and NaN become what numpy makes of them", () => {
  const wrong = NUMPY.filter(([float, half]) => {
    const narrowed = floatsToHalves(ofBits(float));
    return !("halves" in narrowed) || narrowed.halves[0] !== half;
  });
  expect(wrong).toEqual([]);
});

test("every half that is a number comes back bit by bit", () => {
  const halves = Uint16Array.from({ length: 65_536 }, (_, bits) => bits).filter((bits) => (bits & 0x7c00) !== 0x7c00);
  const narrowed = floatsToHalves(widen(halves));
  expect("halves" in narrowed && Buffer.from(narrowed.halves.buffer).equals(Buffer.from(halves.buffer))).toBe(true);
});

test("no half is nearer, and of two equally near the even one is taken", () => {
  const positive = widen(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x477fefff }), (bits) => {
      const values = ofBits(bits);
      const narrowed = floatsToHalves(values);
      const half = "halves" in narrowed ? narrowed.halves[0]! : NaN;
      const error = (candidate: number) => Math.abs((positive[candidate] ?? Infinity) - values[0]!); // exact in float64
      for (const other of [half - 1, half + 1]) {
        expect(error(other)).toBeGreaterThanOrEqual(error(half));
        if (error(other) === error(half)) expect(half % 2).toBe(0);
      }
    }),
  );
});

test.each([0x477ff000, 0xc77ff000, 0x7f800000, 0xff800000, 0x7f7fffff])("%i is too big", (bits) => {
  expect(floatsToHalves(ofBits(0, bits, 0))).toEqual({ tooBigAt: 1 });
});
