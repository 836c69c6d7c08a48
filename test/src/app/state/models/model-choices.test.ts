import { describe, expect, test } from "vitest";
import {
  FIRST_MODEL,
  filesChoice,
  firstToLoad,
  headedChoice,
  headOf,
  HUB_PRESETS,
  isKept,
  linkedName,
  shortOrigin,
  typedChoice,
} from "../../../../../src/app/state/models/model-choices.ts";

describe("typedChoice", () => {
  test.each([
    ["hf:owner/name", "hf:owner/name"],
    ["owner/name", "hf:owner/name"],
    ["owner/name@main", "hf:owner/name@main"],
    ["  https://huggingface.co/owner/name ", "hf:owner/name"],
    ["https://huggingface.co/owner/name/tree/v1.0", "hf:owner/name@v1.0"],
    ["https://example.org/models/vit/", "https://example.org/models/vit/"],
    ["https://example.org/owner", "https://example.org/owner"],
    ["everyday-vit", "everyday-vit"],
  ])("%s loads %s", (text, source) => expect(typedChoice(text)?.source).toBe(source));

  test("nothing typed is nothing to load", () => expect(typedChoice("  ")).toBeNull());
});

describe("what is loaded first", () => {
  const [preset] = HUB_PRESETS.map(({ value }) => value);

  test.each([
    [[], FIRST_MODEL],
    [["everyday-captioner", FIRST_MODEL], FIRST_MODEL],
    [[preset!], preset],
  ])("of a page that is to show %j is known at once: %s", (wanted, first) => expect(firstToLoad(wanted)).toBe(first));

  test.each(["https://elsewhere.example/model/", "hf:somebody/something", "files:mine"])(
    "%s, which a link may name, is not fetched unasked",
    (value) => expect(firstToLoad([value])).toBeUndefined(),
  );
});

describe("filesChoice", () => {
  test("is named after the weights, with the size of all shards", () => {
    const files = [
      new File(["{}"], "config.json"),
      new File([new Uint8Array(1500)], "model-00001-of-00002.safetensors"),
      new File([new Uint8Array(2600)], "model-00002-of-00002.safetensors"),
    ];
    expect(filesChoice(files)).toMatchObject({
      title: "model-00001-of-00002.safetensors",
      size: "4 KB",
      source: files,
    });
  });

  test("without weights still names what was given", () =>
    expect(filesChoice([new File(["{}"], "config.json")])).toMatchObject({ title: "config.json", size: null }));
});

test.each([
  ["https://huggingface.co/WinKawaks/vit-tiny-patch16-224/resolve/main/", "WinKawaks/vit-tiny-patch16-224"],
  ["https://example.org/models/my-vit/", "my-vit"],
  ["https://example.org/", "example.org"],
  ["not a URL", "not a URL"],
])("%s is shown as %s", (origin, shown) => expect(shortOrigin(origin)).toBe(shown));

test.each([
  ["everyday-vit", "https://example.org/sub/models/everyday-vit/", true],
  ["everyday-vit", "https://example.org/sub/models/everyday-cnn/", false],
  ["hf:owner/name", "https://huggingface.co/owner/name/resolve/main/", true],
  ["hf:owner/name", "https://huggingface.co/owner/name-2/resolve/main/", false],
])("%s is among what is kept of %s: %s", (name, origin, kept) =>
  expect(isKept(typedChoice(name)!, [{ origin, bytes: 1, files: 1 }])).toBe(kept),
);

describe("a model with classes of a visitor's own", () => {
  const HEAD = { labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0] };
  const base = typedChoice("owner/name")!;
  const taught = headedChoice(base, HEAD);

  test("keeps its own files, and its one entry, whatever it is taught after that", () => {
    const again = headedChoice(taught, { ...HEAD, labels: ["sun", "hill"] });
    expect(again).toMatchObject({ value: taught.value, title: "Yours: sun, hill", source: { from: "hf:owner/name" } });
    expect([headOf(taught), headOf(base)]).toEqual([HEAD, null]);
    expect(headedChoice(typedChoice("owner/other")!, HEAD).value).not.toBe(taught.value);
  });

  test("opened from a file is an entry beside what was taught here, and beside other files", () => {
    const opened = headedChoice(taught, HEAD, "pets.json");
    expect(opened).toMatchObject({ title: `${taught.title} (pets.json)`, source: taught.source, taughtTo: base });
    const values = [taught, opened, headedChoice(base, HEAD, "birds.json")].map(({ value }) => value);
    expect(new Set(values).size).toBe(3);
    expect(headedChoice(opened, HEAD).value).toBe(taught.value); // taught to the same model once more
    expect(headedChoice(base, HEAD, "pets.json").value).toBe(opened.value);
  });

  test("is linked by what it was taught to; files are not linked at all", () => {
    const files = filesChoice([new File(["{}"], "config.json")]);
    const linked = [base, taught, files, headedChoice(files, HEAD)].map(linkedName);
    expect(linked).toEqual(["hf:owner/name", "hf:owner/name", null, null]);
  });
});
