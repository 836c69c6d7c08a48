import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isVisionError } from "./vision-error.ts";
import { parseSource } from "../../../../worker/checkpoint/sources/parse-source.ts";

const HUB = "https://huggingface.co";

describe("what each text form names", () => {
  test.each([
    ["everyday-vit", { kind: "embedded", name: "everyday-vit" }],
    ["  tiny_2.0 ", { kind: "embedded", name: "tiny_2.0" }],
    ["hf:WinKawaks/vit-tiny-patch16-224", folder("WinKawaks/vit-tiny-patch16-224", "main")],
    ["hf:gpt2", folder("gpt2", "main")],
    ["hf:owner/name@v1.0", folder("owner/name", "v1.0", "owner/name@v1.0")],
    ["hf:owner/name@refs/pr/1", folder("owner/name", "refs%2Fpr%2F1", "owner/name@refs/pr/1")],
    [`${HUB}/owner/name`, folder("owner/name", "main")],
    [`${HUB}/owner/name/?library=transformers#usage`, folder("owner/name", "main")],
    ["https://hf.co/owner/name", folder("owner/name", "main")],
    [`${HUB}/owner/name/tree/abc123`, folder("owner/name", "abc123", "owner/name@abc123")],
    [`${HUB}/owner/name/tree/refs%2Fpr%2F1`, folder("owner/name", "refs%2Fpr%2F1", "owner/name@refs/pr/1")],
    [`${HUB}/owner/name/tree/main/vit/small`, folder("owner/name", "main", "owner/name", "vit/small/")],
    [`${HUB}/owner/name/resolve/main/`, folder("owner/name", "main")],
    [`${HUB}/owner/name/blob/main/README.md`, folder("owner/name", "main")],
    [`${HUB}/owner/name/blob/main/model.safetensors`, folder("owner/name", "main")],
    [
      `${HUB}/owner/name/blob/main/ema.safetensors`,
      { kind: "file", url: `${HUB}/owner/name/resolve/main/ema.safetensors`, name: "owner/name/ema" },
    ],
    ["https://example.test/models/my%20vit", url("https://example.test/models/my%20vit/", "my vit")],
    ["http://localhost:8080/", url("http://localhost:8080/", "localhost:8080")],
    ["https://example.test/vit/?key=1#top", url("https://example.test/vit/?key=1", "vit")],
    [
      "https://example.test/out/step-9.safetensors?key=1",
      { kind: "file", url: "https://example.test/out/step-9.safetensors?key=1", name: "step-9" },
    ],
    [`${HUB}/owner/name/blob/main/pytorch_model.bin`, folder("owner/name", "main")],
    [
      `${HUB}/owner/name/blob/main/last.ckpt`,
      { kind: "file", url: `${HUB}/owner/name/resolve/main/last.ckpt`, name: "owner/name/last" },
    ],
    ...["ViT-B_16.npz", "deit_tiny_patch16_224-a1311bcf.pth"].map((file): [string, object] => [
      `https://example.test/${file}`,
      { kind: "file", url: `https://example.test/${file}`, name: file.replace(/\.\w+$/, "") },
    ]),
  ])("%s", (text, place) => {
    expect(parseSource(text)).toEqual(place);
  });

  function folder(repository: string, revision: string, name = repository, path = ""): object {
    return url(`${HUB}/${repository}/resolve/${revision}/${path}`, name);
  }

  function url(address: string, name: string): object {
    return { kind: "folder", url: address, name };
  }
});

describe("what is no source", () => {
  test.each([
    "",
    "Everyday",
    "../secrets",
    "hf:",
    "hf:a/b/c",
    "hf:../b",
    "hf:owner/name@",
    "hf:owner/name@../x",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://",
    "https://user:word@example.test/vit/",
    "a b",
  ])("%j is refused, and the forms are listed", (text) => {
    expect(() => parseSource(text)).toThrow(
      expect.objectContaining({ code: "source-unsupported", message: expect.stringMatching(/hf:owner\/name.*http/) }),
    );
  });

  test("a hub name without its prefix is told the prefix", () => {
    expect(() => parseSource("owner/name")).toThrow("Did you mean hf:owner/name?");
  });
});

describe("any text", () => {
  const word = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,20}$/);

  test("is a place inside the known forms, or source-unsupported", () => {
    const near = fc
      .tuple(fc.constantFrom("", "hf:", "https://", `${HUB}/`, "http://x/"), fc.string())
      .map((t) => t.join(""));
    fc.assert(
      fc.property(near, (text) => {
        let place;
        try {
          place = parseSource(text);
        } catch (error) {
          expect(isVisionError(error, "source-unsupported")).toBe(true);
          return;
        }
        if (place.kind === "embedded") expect(place.name).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
        else expect(new URL(place.url).href).toBe(place.url);
        if (place.kind === "folder") expect(new URL(place.url).pathname).toMatch(/\/$/);
        if (place.kind === "file")
          expect(new URL(place.url).pathname).toMatch(/\.(safetensors|npz|pth|pth\.tar|pt|bin|ckpt)$/);
      }),
    );
  });

  test("the hub's name and its page's URL name the same place", () => {
    fc.assert(
      fc.property(word, word, word, (owner, name, revision) => {
        fc.pre(!["datasets", "spaces", "docs", "api", "papers", "collections"].includes(owner));
        fc.pre(!["tree", "blob", "resolve"].includes(name));
        const short = parseSource(`hf:${owner}/${name}@${revision}`);
        expect(parseSource(`${HUB}/${owner}/${name}/tree/${revision}`)).toEqual(short);
        expect(short).toMatchObject({ url: `${HUB}/${owner}/${name}/resolve/${revision}/` });
      }),
    );
  });
});
