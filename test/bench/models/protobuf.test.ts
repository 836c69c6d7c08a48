import { expect, test } from "vitest";
import { bytes, float, integer, message, text } from "../../../bench/models/protobuf.ts";

const hex = (field: Uint8Array): string => Buffer.from(field).toString("hex");

test("fields are those of Protocol Buffers' own examples (protobuf.dev/programming-guides/encoding)", () => {
  expect(hex(integer(1, 150))).toBe("089601");
  expect(hex(text(2, "testing"))).toBe("120774657374696e67");
  expect(hex(message(3, [integer(1, 150)]))).toBe("1a03089601");
});

test("a negative number has ten bytes, a length behind 127 two, a float four", () => {
  expect(hex(integer(1, -1))).toBe("08ffffffffffffffffff01");
  expect(hex(bytes(4, new Uint8Array(300))).slice(0, 6)).toBe("22ac02");
  expect(hex(float(2, 1))).toBe("150000803f");
});
