import fc from "fast-check";
import { expect, test } from "vitest";
import { writeModelCard } from "../../../../worker/checkpoint/write/write-model-card.ts";
import { CARD } from "./writable.ts";

const FIGURES = { parameters: 1_248_840, bytes: 2_510_112, dtype: "F16" };

test("a card tells size, accuracy and how it was measured, data, recipe and limits", () => {
  const accuracy = { value: "39.7 % ± 0.7", measured: "on 5,000 pictures" };
  expect(writeModelCard({ ...CARD, accuracy, limits: "Two.\n\nParagraphs." }, FIGURES)).toBe(`# tiny

For tests.

| | |
|---|---|
| size | 1,248,840 parameters, F16, 2,510,112 bytes |
| accuracy | 39.7 % ± 0.7 |
| measured | on 5,000 pictures |
| data | noise |
| licence of the data | CC0 |

## Recipe

None: random weights.

## Limits

Two.

Paragraphs.
`);
});

test("a model that was not measured says so", () => {
  expect(writeModelCard(CARD, FIGURES)).toContain("| accuracy | not measured |");
});

test.each([
  ["a | b\nc", "a \\| b c"],
  ["<script>x</script>", "\\<script\\>x\\</script\\>"],
  ["[a](http://b) &amp; `c` **d** ~~e~~ f_g", "\\[a\\](http://b) \\&amp; \\`c\\` \\*\\*d\\*\\* \\~\\~e\\~\\~ f\\_g"],
  ["\\| tail\\", "\\\\\\| tail\\\\"],
])("%j stays text in a cell", (data, wanted) => {
  expect(writeModelCard({ ...CARD, data }, FIGURES)).toContain(`| data | ${wanted} |`);
});

test("no line of a field begins a block of its own", () => {
  const words = fc.constantFrom("# a", "## Limits", "- a", "+ a", "* a", "1. a", "12) a", "> a", "    a", "\ta", "===");
  const more = fc.constantFrom("---", "```", "~~~", "| a |", "<div>", "plain", "", "[a]: b");
  fc.assert(
    fc.property(fc.array(fc.oneof(words, more)), (lines) => {
      const written = writeModelCard({ ...CARD, recipe: lines.join("\n") }, FIGURES);
      const field = written.slice(written.indexOf("## Recipe") + "## Recipe".length, written.lastIndexOf("## Limits"));
      for (const line of field.split("\n")) expect(line).toMatch(/^$|^[a-z]|^\\|^\d+\\/);
    }),
  );
});
