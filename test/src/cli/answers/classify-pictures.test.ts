import { expect, test } from "vitest";
import { classifyPictures } from "../../../../src/cli/answers/classify-pictures.ts";
import type { Classification, ImageMessage } from "../../../../worker/contract/api.ts";

const pictures = Array.from({ length: 21 }, (_, at) => ({ path: `${at}`, classIndex: 0 }));

/** Answers a picture with its own number; a call with a bad picture fails as a whole, as a session's does. */
function fakeSession(bad: readonly string[] = []) {
  const calls: number[] = [];
  let [open, mostOpen] = [0, 0];
  const classify = async (images: readonly ImageMessage[]): Promise<Classification[]> => {
    calls.push(images.length);
    mostOpen = Math.max(mostOpen, ++open);
    await new Promise((resolve) => setTimeout(resolve, 1));
    open--;
    const failed = images.find((image) => bad.includes(image as string));
    if (failed !== undefined) throw new Error(`bad: ${failed as string}`);
    const answer = (image: ImageMessage) => ({ predictions: [{ index: Number(image), label: "", score: 1 }] });
    return images.map(answer) as unknown as Classification[];
  };
  return { classify, calls, mostOpen: () => mostOpen };
}

async function answersOf(session: ReturnType<typeof fakeSession>): Promise<(number | string)[]> {
  const told: (number | string)[] = [];
  for await (const answers of classifyPictures(session, pictures, { model: 1, topK: 5 })) {
    for (const answer of answers) {
      told.push("error" in answer ? (answer.error as Error).message : answer.predictions[0]!.index);
    }
  }
  return told;
}

test("every picture is answered once and in order, two batches under way", async () => {
  const session = fakeSession();
  expect(await answersOf(session)).toEqual([...pictures.keys()]);
  expect(session.calls).toEqual([8, 8, 5]);
  expect(session.mostOpen()).toBe(2);
});

test("bad pictures fail alone", async () => {
  const session = fakeSession(["3", "4", "20"]);
  const expected = [...pictures.keys()].map((at) => ([3, 4, 20].includes(at) ? `bad: ${at}` : at));
  expect(await answersOf(session)).toEqual(expected);
});

test("of no picture there is no answer", async () => {
  const none = classifyPictures(fakeSession(), [], { model: 1, topK: 5 });
  expect(await none.next()).toEqual({ done: true, value: undefined });
});
