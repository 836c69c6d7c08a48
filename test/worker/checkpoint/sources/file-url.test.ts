import { describe, expect, test } from "vitest";
import { fileUrl } from "../../../../worker/checkpoint/sources/file-url.ts";

describe("fileUrl", () => {
  test.each([
    ["http://h.test/m/", "config.json", "http://h.test/m/config.json"],
    ["http://h.test/m/?key=1", "a/b c#d?.json", "http://h.test/m/a/b%20c%23d%3F.json?key=1"],
    [
      "https://huggingface.co/o/n/resolve/refs%2Fpr%2F1/",
      "config.json",
      "https://huggingface.co/o/n/resolve/refs%2Fpr%2F1/config.json",
    ],
    ["http://h.test/m/", "https:x", "http://h.test/m/https%3Ax"],
  ])("%s + %s", (folder, path, url) => {
    expect(fileUrl(folder, path)).toBe(url);
  });

  test.each(["../x", "a/../../x", "/etc/passwd", "//evil.test/x", "https://evil.test/x", "a\\..\\x", "", "."])(
    "%j, which leaves the folder, is refused",
    (path) => {
      expect(() => fileUrl("http://h.test/m/", path)).toThrow(expect.objectContaining({ code: "source-unsupported" }));
    },
  );
});
