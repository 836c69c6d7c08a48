import fc from "fast-check";
import { expect, test } from "vitest";
import { readCsv, toCsv } from "../../datasets/csv.ts";
import { cellText } from "../../worker/contract/cell-text.ts";

/** RFC 4180 read character by character. */
function parse(text: string): string[][] {
  const rows: string[][] = [[]];
  let [field, quoted] = ["", false];
  const end = (): void => void (rows.at(-1)!.push(field), (field = ""));
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quoted && char === '"' && text[at + 1] === '"') field += text[++at];
    else if (char === '"') quoted = !quoted;
    else if (!quoted && char === ",") end();
    else if (!quoted && char === "\n") {
      end();
      rows.push([]);
    } else field += char;
  }
  return rows.slice(0, -1);
}

test("quotes commas, quotes and line ends, and nothing else", () => {
  expect(
    toCsv([
      ["label", "a, b", 'say "x"'],
      ["two\nlines", 3, 0],
    ]),
  ).toBe('label,"a, b","say ""x"""\n"two\nlines",3,0\n');
});

test("holds nothing that a spreadsheet would run; numbers stay numbers", () => {
  const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"];
  expect(readCsv(toCsv([formulas, ["a=1", "'=1", "", -1.5]]))).toEqual([
    formulas.map((text) => `'${text}`),
    ["a=1", "'=1", "", "-1.5"],
  ]);
});

test("what is written is what is read", () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 1 })), (rows) => {
      expect(parse(toCsv(rows))).toEqual(rows.map((row) => row.map(cellText)));
    }),
  );
});

test("reads what it writes", () => {
  const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a") }));
  fc.assert(
    fc.property(fc.array(fc.array(cell, { minLength: 2 })), (rows) => {
      expect(readCsv(toCsv(rows))).toEqual(rows.map((row) => row.map(cellText)));
    }),
  );
});

test.each([
  [
    "CR LF, no line end at the end, an empty line",
    'a,b\r\n\r\n"c, d","e ""f"""',
    [
      ["a", "b"],
      ["c, d", 'e "f"'],
    ],
  ],
  [
    "quotes within a field",
    'a,say "x"\n"x" said,b\n',
    [
      ["a", 'say "x"'],
      ['"x" said', "b"],
    ],
  ],
  [
    "a quote that stays open",
    'a,"b\nc,d\n',
    [
      ["a", '"b'],
      ["c", "d"],
    ],
  ],
  ["an empty last field", "a,\n", [["a", ""]]],
  ["nothing", "", []],
])("reads %s", (_, text, rows) => {
  expect(readCsv(text)).toEqual(rows);
});
