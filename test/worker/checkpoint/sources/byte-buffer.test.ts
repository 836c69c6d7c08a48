import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteBuffer } from "../../../../worker/checkpoint/sources/byte-buffer.ts";

test("takes what was appended, in order, whatever was reserved", () => {
  const chunks = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 12 });
  fc.assert(
    fc.property(chunks, fc.nat(3000), (parts, reserved) => {
      const buffer = new ByteBuffer();
      buffer.reserve(reserved);
      for (const part of parts) buffer.append(part);
      const wanted = Uint8Array.from(parts.flatMap((part) => [...part]));
      expect(buffer.length).toBe(wanted.length);
      expect(buffer.filled()).toEqual(wanted);
      expect(buffer.take()).toEqual(wanted);
      expect(buffer.take().buffer.byteLength).toBe(wanted.length);
    }),
  );
});

test("a buffer filled exactly is handed over without a copy", () => {
  const buffer = new ByteBuffer();
  buffer.reserve(4);
  buffer.append(Uint8Array.of(1, 2, 3, 4));
  expect(buffer.take().buffer).toBe(buffer.filled().buffer);
});

test("clear forgets everything", () => {
  const buffer = new ByteBuffer();
  buffer.append(Uint8Array.of(1, 2));
  buffer.clear();
  buffer.append(Uint8Array.of(3));
  expect([...buffer.take()]).toEqual([3]);
});
