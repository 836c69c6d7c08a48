import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCsv } from "../../../../datasets/csv.ts";
import {
  captionsCsv,
  captionsJson,
  describedPhotos,
  exportCaptions,
} from "../../../../src/app/intake/export-captions.ts";
import { createPhoto } from "../../../../src/app/state/photo.ts";
import { caption } from "../fake-vision.ts";

const described = (file: string, text = "a cat sleeps", model = "Small") => ({ file, model, caption: caption(text) });

describe("the table", () => {
  test("is RFC 4180: a header, lines that end with CRLF, quotes doubled", () => {
    expect(captionsCsv([described('a "b", c.jpg', "one\ntwo")])).toBe(
      'file,caption,score,probability,model\r\n"a ""b"", c.jpg","one\ntwo",-0.25,0.36787944117144233,"Small"\r\n',
    );
  });

  test("holds nothing that a spreadsheet would run", () => {
    const formulas = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"];
    const [, ...rows] = captionsCsv(formulas.map((text) => described(text, text, text))).split("\r\n");
    expect(rows.slice(0, -1)).toHaveLength(formulas.length);
    for (const [i, row] of rows.slice(0, -1).entries()) {
      const cell = `"'${formulas[i]}"`;
      expect(row).toBe([cell, cell, -0.25, Math.exp(-1), cell].join(","));
    }
  });

  test("gives every text back", () => {
    const harmless = fc.string({ unit: "grapheme" }).map((text) => `x${text}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(harmless, harmless), { minLength: 1 }), (texts) => {
        const [, ...rows] = readCsv(captionsCsv(texts.map(([file, text]) => described(file, text))));
        expect(rows.map(([file, text]) => [file, text])).toEqual(texts);
      }),
    );
  });
});

test("the list is what the command line prints, with what else could have been said", () => {
  const list: unknown = JSON.parse(captionsJson([{ ...described("a.jpg"), caption: caption("a cat", "a dog") }]));
  expect(list).toEqual([
    {
      file: "a.jpg",
      model: "Small",
      caption: "a cat",
      words: ["a", "cat"].map((text) => ({
        text,
        probability: 0.5,
        alternatives: [
          { text, probability: 0.5 },
          { text: `no ${text}`, probability: 0.25 },
        ],
      })),
      score: -0.25,
      others: [{ caption: "a dog", score: -0.5 }],
    },
  ]);
});

test("only photos with a sentence are told of", async () => {
  const photos = ["a", "b"].map((name, id) => createPhoto(id, { name, content: new Blob() }));
  photos[1]!.caption.value = { kind: "done", caption: caption("a cat"), model: "Small" };
  const told = describedPhotos(photos);
  expect(told.map(({ file }) => file)).toEqual(["b"]);
  expect(exportCaptions("csv", told).type).toBe("text/csv;charset=utf-8");
  expect(await exportCaptions("json", told).text()).toContain('"a cat"');
});
