import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  DTYPE_BYTES,
  readSafetensors,
  readSafetensorsMetadata,
  writeSafetensors,
} from "../../../../worker/checkpoint/safetensors.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { HOST_DTYPES, type HostTensor } from "../../../../worker/contract/host-tensor.ts";
import { goldenFile } from "../../../setup/golden.ts";
import { expectRefusal } from "../code-of.ts";

/** A file with this header text and so many zero bytes of data. */
function file(header: string | object, dataBytes = 0): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (begin: number, end: number, shape: unknown = [end - begin], dtype: unknown = "U8") => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const anyTensor: fc.Arbitrary<HostTensor> = fc
  .record({ dtype: fc.constantFrom(...HOST_DTYPES), shape: fc.array(fc.nat(3), { maxLength: 3 }), seed: fc.nat(255) })
  .map(({ dtype, shape, seed }) => {
    const length = shape.reduce((product, size) => product * size, DTYPE_BYTES[dtype]);
    return { dtype, shape, bytes: Uint8Array.from({ length }, (_, at) => (at * 31 + seed) & 255) };
  });
const anyName = fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "toString", "0", "1", '"', "\ud800"));
const anyTensors = fc
  .uniqueArray(fc.tuple(anyName, anyTensor), { selector: ([name]) => name, maxLength: 6 })
  .map((pairs) => new Map(pairs.filter(([name]) => name !== "__metadata__")));

describe("a file that was written", () => {
  test("reads back as it was, whatever its names, shapes and types", () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const back = readSafetensors(writeSafetensors(tensors));
        expect(new Set(back.keys())).toEqual(new Set(tensors.keys()));
        for (const [name, tensor] of tensors) expect(back.get(name)).toEqual(tensor);
      }),
    );
  });

  test("has a header padded with spaces, and every tensor aligned to its element size", () => {
    fc.assert(
      fc.property(anyTensors, (tensors) => {
        const bytes = writeSafetensors(tensors);
        expect(new DataView(bytes.buffer).getBigUint64(0, true) % 8n).toBe(0n);
        for (const { dtype, bytes: view } of readSafetensors(bytes).values()) {
          if (view.length > 0) expect(view.byteOffset % DTYPE_BYTES[dtype]).toBe(0);
        }
      }),
    );
  });

  test("keeps its metadata", () => {
    const bytes = writeSafetensors(new Map(), { format: "pt" });
    expect([...readSafetensorsMetadata(bytes)]).toEqual([["format", "pt"]]);
    expect(readSafetensors(bytes).size).toBe(0);
  });

  test("cut short anywhere is refused", () => {
    fc.assert(
      fc.property(anyTensors, fc.nat(), (tensors, cut) => {
        const whole = writeSafetensors(tensors);
        expect(() => readSafetensors(whole.subarray(0, cut % whole.length))).toThrow(VisionError);
      }),
    );
  });

  test("with flipped bytes either reads or is refused with a code", () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(anyTensors, flips, (tensors, changes) => {
        const bytes = writeSafetensors(tensors);
        const header = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
        for (const [at, mask] of changes) bytes[at % header]! ^= mask;
        try {
          readSafetensors(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(VisionError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test("reads a file written by Python, without copying it", async () => {
  const bytes = (await goldenFile("vit-hf/model.safetensors"))!;
  const tensors = readSafetensors(bytes);
  expect(tensors.size).toBe(56);
  const token = tensors.get("vit.embeddings.cls_token")!;
  expect(token).toMatchObject({ dtype: "F32", shape: [1, 1, 48] });
  expect(token.bytes.buffer).toBe(bytes.buffer);
});

describe("what is legal", () => {
  test("scalars, empty tensors and an empty header", () => {
    const tensors = readSafetensors(
      file({ scalar: entry(0, 1, []), empty: entry(1, 1, [0, 5]), last: entry(1, 3) }, 3),
    );
    expect(tensors.get("scalar")).toMatchObject({ shape: [], bytes: new Uint8Array(1) });
    expect(tensors.get("empty")!.bytes.length).toBe(0);
    expect(readSafetensors(file("{}")).size).toBe(0);
    expect(readSafetensors(file("{}      ")).size).toBe(0);
  });

  test("entries in any order, and names that objects treat apart", () => {
    const text = `{"b":${JSON.stringify(entry(2, 3))},"__proto__":${JSON.stringify(entry(0, 2))}}`;
    const tensors = readSafetensors(file(text, 3));
    expect([...tensors.keys()]).toEqual(["b", "__proto__"]);
    expect(tensors.get("__proto__")!.shape).toEqual([2]);
    expect(({} as Record<string, unknown>).shape).toBeUndefined();
  });

  test("equal keys in different objects", () => {
    expect(readSafetensors(file({ dtype: entry(0, 1), shape: entry(1, 2) }, 2)).size).toBe(2);
  });
});

describe("what is refused", () => {
  const HUGE = Number.MAX_SAFE_INTEGER;
  const cases: [string, Uint8Array, VisionError["code"], string][] = [
    ["an empty file", new Uint8Array(0), "safetensors-truncated", "got 0"],
    ["seven bytes", new Uint8Array(7), "safetensors-truncated", "got 7"],
    ["a header longer than the file", file("{}").fill(200, 0, 1), "safetensors-truncated", "200 bytes"],
    ["a header over 100 MB", file("{}").fill(255, 0, 5), "safetensors-header", "100000000"],
    ["no header at all", new Uint8Array(8), "safetensors-header", '"{"'],
    ["a list for a header", file("[]"), "safetensors-header", '"{"'],
    ["white space before the header", file(" {}"), "safetensors-header", '"{"'],
    ["broken JSON", file('{"a":'), "safetensors-header", "JSON"],
    ["text after the header", file("{}x"), "safetensors-header", "JSON"],
    ["broken UTF-8", file('{"\u00e9":1}').fill(255, 10, 11), "safetensors-header", "UTF-8"],
    ["the same name twice", file('{"a":1,"b":2,"a":3}'), "safetensors-duplicate-name", '"a"'],
    ["the same name, spelt otherwise", file('{"a":1,"\\u0061":3}'), "safetensors-duplicate-name", '"a"'],
    ["a field twice", file('{"a":{"dtype":"U8","dtype":"I8"}}'), "safetensors-duplicate-name", '"dtype"'],
    ["a field twice after a list", file('{"a":{"s":[{"k":1},"s"],"s":0}}'), "safetensors-duplicate-name", '"s"'],
    ["metadata with a number", file({ __metadata__: { a: 1 } }), "safetensors-header", "__metadata__"],
    ["metadata as a list", file({ __metadata__: ["a"] }), "safetensors-header", "__metadata__"],
    ["an entry that is no object", file({ a: 7 }), "safetensors-header", "a"],
    ["no dtype", file({ a: { shape: [], data_offsets: [0, 1] } }, 1), "safetensors-header", "dtype"],
    ["a foreign dtype", file({ a: entry(0, 1, [1], "F8_E4M3") }, 1), "safetensors-dtype", "F8_E4M3"],
    [
      "a dtype named as an object's method",
      file({ a: entry(0, 1, [1], "toString") }, 1),
      "safetensors-dtype",
      "toString",
    ],
    ["a negative size", file({ a: entry(0, 1, [-1]) }, 1), "safetensors-header", "shape"],
    ["a size that is not whole", file({ a: entry(0, 1, [0.5]) }, 1), "safetensors-header", "shape"],
    ["a size as text", file({ a: entry(0, 1, ["1"]) }, 1), "safetensors-header", "shape"],
    ["a shape larger than any file", file({ a: entry(0, 1, [HUGE, HUGE]) }, 1), "safetensors-size", "larger"],
    [
      "one offset",
      file({ a: { dtype: "U8", shape: [1], data_offsets: [1] } }, 1),
      "safetensors-header",
      "data_offsets",
    ],
    ["an end before its begin", file({ a: entry(1, 0, [1]) }, 1), "safetensors-offsets", "before"],
    ["a shape that does not fill its span", file({ a: entry(0, 2, [3]) }, 2), "safetensors-size", "wants 3 bytes"],
    ["data past the end", file({ a: entry(0, 4) }, 3), "safetensors-truncated", "got 3"],
    ["bytes after the last tensor", file({ a: entry(0, 2) }, 3), "safetensors-offsets", "1 bytes"],
    ["a hole", file({ a: entry(0, 1), b: entry(2, 3) }, 3), "safetensors-offsets", "hole"],
    ["a hole at the start", file({ a: entry(1, 2) }, 2), "safetensors-offsets", "hole"],
    ["an overlap", file({ a: entry(0, 2), b: entry(1, 3) }, 3), "safetensors-offsets", "overlaps"],
    ["the same bytes twice", file({ a: entry(0, 2), b: entry(0, 2) }, 2), "safetensors-offsets", "overlaps"],
    ["an HTML page", new TextEncoder().encode("\n<!DOCTYPE html><html>"), "safetensors-header", "HTML"],
    [
      "a zip, as torch.save writes it",
      Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 8, 0, 0),
      "safetensors-header",
      "pickle",
    ],
    [
      "a Git-LFS pointer",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 22"),
      "source-lfs-pointer",
      "git lfs pull",
    ],
  ];
  test.each(cases)("%s", async (_, bytes, code, word) => {
    await expectRefusal(() => readSafetensors(bytes, "shard.safetensors"), code, word, "shard.safetensors");
  });
});

describe("what is not written", () => {
  test("a tensor whose bytes do not fit its shape", async () => {
    const tensor: HostTensor = { dtype: "F32", shape: [2], bytes: new Uint8Array(7) };
    await expectRefusal(() => writeSafetensors(new Map([["a", tensor]])), "safetensors-size", "8 bytes", "7");
  });

  test("a tensor under the metadata's name", async () => {
    const tensor: HostTensor = { dtype: "U8", shape: [], bytes: new Uint8Array(1) };
    await expectRefusal(() => writeSafetensors(new Map([["__metadata__", tensor]])), "invalid-argument");
  });
});
