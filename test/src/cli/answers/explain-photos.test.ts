import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { ExplainQuestion } from "../../../../worker/contract/explain-question.ts";
import { maxDifference } from "../../../setup/golden.ts";
import { run } from "../run-command.ts";

const GOLDEN = "test/golden/explain-photos";
const PHOTO = "test/golden/pictures/colour.png";

type Expected = {
  readonly variant: string;
  readonly request: ExplainQuestion;
  readonly grid: readonly [number, number];
  readonly map: readonly number[];
};

const expected = JSON.parse(await readFile(`${GOLDEN}/expected.json`, "utf8")) as Expected[];

/** From the picture's file to the map: decoding, resizing and cropping have their part in every number. */
describe.each(["distilled", "oblong", "mean-pooled", "cropped"])(
  "maps of a %s ViT are Pillow's and PyTorch's",
  (name) => {
    const cases = expected.filter(({ variant }) => variant === name);
    test.each(cases.map(({ request, ...wanted }) => [JSON.stringify(request), request, wanted] as const))(
      "%s",
      async (_, request, { grid, map }) => {
        const words = Object.entries(request).flatMap(([option, value]) => [`--${option}`, String(value)]);
        const { exit, lines } = await run("explain", PHOTO, "--model", `${GOLDEN}/${name}`, "--json", ...words);
        expect(exit).toBe(0);
        expect(lines).toMatchObject([{ file: PHOTO, model: name, method: request.method, grid }]);
        expect(maxDifference((lines[0] as Expected).map, map)).toBeLessThanOrEqual(1e-5);
      },
    );
  },
);
