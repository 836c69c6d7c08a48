import fc from "fast-check";
import { expect, test } from "vitest";
import { mapFromMatrix } from "../../../worker/contract/attention-matrix.ts";
import { expectRefusal } from "../checkpoint/code-of.ts";

/** A matrix whose entries say where they stand: 100 · query + key. */
const told = (prefixTokens: number, width: number, height: number) => {
  const tokens = prefixTokens + width * height;
  const matrix = Float32Array.from({ length: tokens ** 2 }, (_, at) => 100 * Math.floor(at / tokens) + (at % tokens));
  return { matrix, prefixTokens, grid: { width, height } };
};

const side = fc.integer({ min: 1, max: 4 });

test("a cell's map is its row, the prefix left out; the mean's is the mean of the cells' maps", () => {
  fc.assert(
    fc.property(fc.nat(2), side, side, (prefix, width, height) => {
      const attention = told(prefix, width, height);
      const cells = Array.from({ length: width * height }, (_, cell) => cell);
      for (const query of cells) {
        const wanted = cells.map((cell) => 100 * (prefix + query) + prefix + cell);
        expect([...mapFromMatrix(attention, query)]).toEqual(wanted);
      }
      const middle = prefix + (cells.length - 1) / 2;
      expect([...mapFromMatrix(attention, "mean")]).toEqual(cells.map((cell) => 100 * middle + prefix + cell));
      const byDefault = cells.map((cell) => (prefix > 0 ? 0 : 100 * middle) + prefix + cell);
      expect([...mapFromMatrix(attention)]).toEqual(byDefault);
    }),
  );
});

test("a query that is not there is refused", async () => {
  await expectRefusal(() => mapFromMatrix(told(0, 3, 2), "class"), "invalid-argument", "no class token");
  for (const query of [-1, 6, 1.5, NaN]) {
    await expectRefusal(
      () => mapFromMatrix(told(1, 3, 2), query),
      "invalid-argument",
      "0 to 5",
      "2 rows of 3",
      `${query}`,
    );
  }
});
