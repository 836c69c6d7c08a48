import { expect, test } from "vitest";
import { readJson } from "../../../../worker/checkpoint/config/read-json.ts";
import { expectRefusal } from "../code-of.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("JSON, with and without a byte order mark", () => {
  expect(readJson(encode('{"a": "é"}'), "x.json")).toEqual({ a: "é" });
  expect(readJson(encode('\uFEFF{"a": 1}'), "x.json")).toEqual({ a: 1 });
});

test.each([
  ["an HTML page", encode("\uFEFF  <!DOCTYPE html><p>{}</p>"), "source-not-json", "an HTML page"],
  ["a bare page", encode("<html></html>"), "source-not-json", "an HTML page"],
  ["an empty file", new Uint8Array(0), "source-not-json", "an empty file"],
  ["half a file", encode('{"a": [1,'), "source-not-json", "wanted JSON"],
  ["bytes that are no text", Uint8Array.of(0x22, 0xff, 0x22), "source-not-json", "wanted JSON"],
  ["a Git-LFS pointer", encode("version https://git-lfs.github.com/spec/v1\n"), "source-lfs-pointer", "git lfs pull"],
] as const)("%s is refused", async (_, bytes, code, words) => {
  await expectRefusal(() => readJson(bytes, "x.json"), code, "x.json", words);
});
