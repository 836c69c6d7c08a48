import fc from "fast-check";
import { expect, test } from "vitest";
import { makeAsTheyCome } from "../../../worker/kernels/make-as-they-come.ts";

const NAMES = Array.from({ length: 12 }, (_, at) => `layer.${at}`);

test("whatever the order in which parts come, each is made once, as it comes, and stands in its place", async () => {
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(NAMES, { minLength: NAMES.length }), async (order) => {
      const made: string[] = [];
      const coming = order.values();
      const there = (beginnings: readonly string[]): Promise<string> => {
        const next = `${coming.next().value!}.`;
        expect(beginnings).toContain(next);
        return Promise.resolve(next);
      };
      const all = await makeAsTheyCome(NAMES, there, (name, at) => (made.push(name), [name, at]));
      expect(made).toEqual(order);
      expect(all).toEqual(NAMES.map((name, at) => [name, at]));
    }),
  );
});

test.each([
  ["nobody tells", undefined],
  ["all are", () => Promise.resolve()],
])("they come in their own order where %s", async (_, there) => {
  const made: string[] = [];
  await makeAsTheyCome(NAMES, there, (name) => made.push(name));
  expect(made).toEqual(NAMES);
});

test("nothing more is made once it is told to stop", async () => {
  let told = 0;
  const made: string[] = [];
  const there = (): Promise<void> => (++told > 3 ? Promise.reject(new Error("stop")) : Promise.resolve());
  await expect(makeAsTheyCome(NAMES, there, (name) => made.push(name))).rejects.toThrow("stop");
  expect(made).toEqual(NAMES.slice(0, 3));
});
