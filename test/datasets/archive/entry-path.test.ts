import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { entryPath } from "../../../datasets/archive/entry-path.ts";

test.each([
  ["a/b.png", "a/b.png"],
  ["./a//b.png", "a/b.png"],
  ["a/b/", "a/b"],
  ["./", ""],
  ["a/..b/c..", "a/..b/c.."],
  ["ä/文.png", "ä/文.png"],
])("%s goes to %s", (name, path) => {
  expect(entryPath(name)).toBe(path);
});

describe("refuses", () => {
  test.each([
    ["", "no name"],
    ["/etc/passwd", "absolute"],
    ["../a", "leads out"],
    ["a/../../b", "leads out"],
    ["a/../b", "leads out"],
    ["a/.. /b", "leads out"],
    ["a/.../b", "leads out"],
    ["C:a", "drive letter"],
    ["c:/a", "drive letter"],
    ["./C:", "drive letter"],
    [".//c:/a", "drive letter"],
    ["a\\..\\b", "backslash"],
    ["\\\\host\\share", "backslash"],
    ["a\0b", "control character"],
    [`${"x".repeat(256)}.png`, "too long"],
    ["a/".repeat(600), "too long"],
  ])("%j", (name, fault) => {
    expect(() => entryPath(name)).toThrow(fault);
  });
});

test.each([
  ["Unix", posix, "/data/set"],
  ["Windows", win32, "D:\\data\\set"],
])("nothing it lets through leaves the folder on %s", (_, system, folder) => {
  const piece = fc.constantFrom("..", ".", "/", "\\", "C:", "a", " ", "\0", "...", "~", "$HOME", "%2e%2e", "。");
  const name = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(name, (entry) => {
      let path: string;
      try {
        path = entryPath(entry);
      } catch {
        return;
      }
      expect((system.resolve(folder, path) + system.sep).startsWith(folder + system.sep)).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});
