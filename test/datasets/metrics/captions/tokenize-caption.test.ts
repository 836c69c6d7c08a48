import fc from "fast-check";
import { expect, test } from "vitest";
import { tokenizeCaption } from "../../../../datasets/metrics/captions/tokenize-caption.ts";

test.each([
  // the examples of the Penn Treebank's own page on tokenization, in lower case and less punctuation
  ["They'll save and invest more.", "they 'll save and invest more"],
  ["children's parents'", "children 's parents"],
  ["won't gonna I'm", "wo n't gon na i 'm"],
  // contractions, joined or taken apart already
  ["A dog isn't on the dog's bed; it can't.", "a dog is n't on the dog 's bed it ca n't"],
  ["a man 's hat is n't red", "a man 's hat is n't red"],
  ["we’ve they’re he’d cannot 'tis 'twas", "we 've they 're he 'd can not 't is 't was"],
  ["wanna gotta lemme gimme cannots", "wan na got ta lem me gim me cannots"],
  ["O'Brien at five o'clock, y'all, rock 'n' roll", "o'brien at five o'clock y' all rock 'n' roll"],
  // quotes, dashes and other punctuation go, brackets stay in their names
  ["a \"stop\" sign, a ``stop'' sign - 'stop' -- “stop” … stop...", "a stop sign a stop sign stop stop stop"],
  ["dogs (two) [big] {red}", "dogs -lrb- two -rrb- -lsb- big -rsb- -lcb- red -rcb-"],
  ["Look! What? Wow!! What?!", "look what wow !! what ?!"],
  // hyphens inside words, numbers, slashes
  ["A 5-year-old in a T-shirt and a black-and-white hat-", "a 5-year-old in a t-shirt and a black-and-white hat"],
  ["1,000 dogs at 10:30, 3.5 feet, the 1st, No. 7, $5, 50%", "1,000 dogs at 10:30 3.5 feet the 1st no. 7 $ 5 50 %"],
  ["black/white and/or 1/2 * a / b", String.raw`black\/white and\/or 1\/2 \* a \/ b`],
  ["Mr. Smith in the U.S. with Dr. Who.", "mr. smith in the u.s. with dr. who"],
  ["A dog runs.The cat & mouse #1", "a dog runs.the cat & mouse # 1"],
  ["Un café à Zürich", "un café à zürich"],
  ["  \t", ""],
])("%j is read as %j", (caption, tokens) => {
  expect(tokenizeCaption(caption).join(" ")).toBe(tokens);
});

test("takes any text, and no token is empty, in capitals or holds a space", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(..."aB'n t.,-/()!9") })),
      (text) => {
        const wrong = tokenizeCaption(text).filter((token) => !/^\S+$/u.test(token) || token !== token.toLowerCase());
        expect(wrong).toEqual([]);
      },
    ),
  );
});
