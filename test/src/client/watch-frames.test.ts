import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FrameSource, ImageInput } from "../../../src/client/vision.ts";
import { watchFrames } from "../../../src/client/watch-frames.ts";
import { abortable } from "../../../worker/contract/abortable.ts";
import { VisionError } from "../../../worker/contract/errors.ts";

/** A frame that counts how often it was closed; what a camera gives has a `close` like it. */
class Frame {
  closed = 0;
  constructor(readonly id: number) {}
  close(): void {
    this.closed += 1;
  }
}

const forEver = <T>(work: Promise<T>): Promise<T> => work;
const picture = (frame: Frame): ImageInput => frame as unknown as ImageInput;
const idOf = (frame: ImageInput): number => (frame as unknown as Frame).id;
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A source whose frames the test gives by hand. */
function camera() {
  const given: Frame[] = [];
  const waiting: Frame[] = [];
  let take: ((result: IteratorResult<ImageInput>) => void) | null = null;
  let fail: (error: unknown) => void = () => undefined;
  const source = {
    given,
    stopped: 0,
    give(): Frame {
      const frame = new Frame(given.length);
      given.push(frame);
      if (take) take({ done: false, value: picture(frame) });
      else waiting.push(frame);
      take = null;
      return frame;
    },
    end: () => take?.({ done: true, value: undefined }),
    fail: (error: unknown) => fail(error),
    [Symbol.asyncIterator]: () => ({
      next: () =>
        new Promise<IteratorResult<ImageInput>>((resolve, reject) => {
          const frame = waiting.shift();
          if (frame) return resolve({ done: false, value: picture(frame) });
          [take, fail] = [resolve, reject];
        }),
      return: async () => {
        source.stopped += 1;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return source;
}

/** A model that answers a frame when the test says so. */
function model() {
  const asked: { id: number; answer: () => void; refuse: (error: unknown) => void }[] = [];
  const ask = (frame: ImageInput): Promise<number> =>
    new Promise((resolve, reject) =>
      asked.push({ id: idOf(frame), answer: () => resolve(idOf(frame)), refuse: reject }),
    );
  return { asked, ask };
}

/** Reads answers until there are no more, as a page does. */
function collect(answers: AsyncGenerator<number, void, undefined>) {
  const got: number[] = [];
  const end = (async () => {
    for await (const answer of answers) got.push(answer);
  })();
  end.catch(() => undefined);
  return { got, end };
}

describe("frames", () => {
  test("come one at a time, the newest of those that waited; each is closed once", async () => {
    const [source, { asked, ask }] = [camera(), model()];
    const { got } = collect(watchFrames(source, ask, forEver));
    for (let i = 0; i < 5; i++) {
      source.give();
      await settle();
    }
    expect(asked.map(({ id }) => id)).toEqual([0]);
    expect(source.given.map(({ closed }) => closed)).toEqual([0, 1, 1, 1, 0]);
    asked[0]?.answer();
    await settle();
    expect(got).toEqual([0]);
    expect(asked.map(({ id }) => id)).toEqual([0, 4]);
    expect(source.given.map(({ closed }) => closed)).toEqual([1, 1, 1, 1, 0]);
    asked[1]?.answer();
    await settle();
    expect(asked).toHaveLength(2); // there is no newer one
    expect(source.given[4]?.closed).toBe(1);
  });

  test("in any turns: answers in order, never two under way, each question about the last frame, all closed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 30 }), async (turns) => {
        const [source, { asked, ask }] = [camera(), model()];
        const { got, end } = collect(watchFrames(source, ask, forEver));
        let answered = 0;
        for (const gives of turns) {
          const before = asked.length;
          if (gives) source.give();
          else if (answered < asked.length) asked[answered++]?.answer();
          await settle();
          if (asked.length > before) expect(asked.at(-1)?.id).toBe(source.given.length - 1);
          expect(asked.length - answered).toBeLessThanOrEqual(1);
        }
        source.end();
        for (let i = 0; i < 3; i++) {
          asked.forEach(({ answer }) => answer());
          await settle();
        }
        await end;
        expect(got).toEqual([...got].sort((a, b) => a - b));
        expect(got.at(-1)).toBe(source.given.length > 0 ? source.given.length - 1 : undefined);
        expect(source.given.every(({ closed }) => closed === 1)).toBe(true);
        expect(source.stopped).toBe(0); // it has ended by itself
      }),
      { numRuns: 50 },
    );
  });

  test("of a source that never waits leave the event loop its turns", async () => {
    let given = 0;
    const frames: Frame[] = [];
    async function* endless() {
      for (;;) yield picture(frames[frames.push(new Frame(given++)) - 1]!);
    }
    const { asked, ask } = model();
    const { end } = collect(watchFrames(endless(), ask, forEver));
    for (let i = 0; i < 10; i++) await settle();
    expect(asked).toHaveLength(1);
    asked[0]?.refuse(new Error("enough"));
    await expect(end).rejects.toThrow("enough");
    await settle();
    await settle();
    expect(frames.every(({ closed }) => closed === 1)).toBe(true);
  });
});

describe("every end tells the source, and leaves no frame open", () => {
  const open = () => {
    const [source, { asked, ask }] = [camera(), model()];
    const stop = new AbortController();
    const answers = watchFrames(source, ask, (work) => abortable(work, stop.signal));
    return { source, asked, stop, answers };
  };
  const expectNothingLeft = async (source: ReturnType<typeof camera>, stopped = 1): Promise<void> => {
    source.give(); // a frame that was already on its way
    await settle();
    expect(source.given.map(({ closed }) => closed)).toEqual(source.given.map(() => 1));
    expect(source.stopped).toBe(stopped);
  };

  test("the signal, while a frame is asked about and another waits", async () => {
    const { source, asked, stop, answers } = open();
    const { end } = collect(answers);
    source.give();
    await settle();
    source.give();
    await settle();
    stop.abort();
    asked[0]?.refuse(new DOMException("cancelled", "AbortError")); // as a call with the same signal does
    await expect(end).rejects.toMatchObject({ name: "AbortError" });
    await expectNothingLeft(source);
  });

  test("the signal, while nothing comes", async () => {
    const { source, stop, answers } = open();
    const { end } = collect(answers);
    await settle();
    stop.abort();
    await expect(end).rejects.toMatchObject({ name: "AbortError" });
    await expectNothingLeft(source);
  });

  test("the signal, before the beginning", async () => {
    const { source, asked, stop, answers } = open();
    stop.abort();
    source.give();
    await expect(collect(answers).end).rejects.toMatchObject({ name: "AbortError" });
    await expectNothingLeft(source);
    expect(asked).toEqual([]);
  });

  test("break", async () => {
    const { source, asked, answers } = open();
    const seen = (async () => {
      for await (const answer of answers) return answer;
      return null;
    })();
    source.give();
    await settle();
    source.give();
    asked[0]?.answer();
    expect(await seen).toBe(0);
    await expectNothingLeft(source);
  });

  test("a question that fails, by its own error", async () => {
    const { source, asked, answers } = open();
    const { end } = collect(answers);
    source.give();
    await settle();
    source.give();
    asked[0]?.refuse(new VisionError("context-lost", "gone"));
    await expect(end).rejects.toMatchObject({ code: "context-lost" });
    await expectNothingLeft(source);
  });

  test("a source that fails: its last frame is answered first", async () => {
    const { source, asked, answers } = open();
    const { got, end } = collect(answers);
    source.give();
    await settle();
    source.fail(new Error("unplugged"));
    asked[0]?.answer();
    await expect(end).rejects.toThrow("unplugged");
    expect([got, source.stopped, source.given[0]?.closed]).toEqual([[0], 0, 1]);
  });
});

test("a stream is read, and cancelled", async () => {
  let cancelled = 0;
  const frames = [new Frame(0), new Frame(1)];
  const stream = new ReadableStream<ImageInput>({
    start: (controller) => frames.forEach((frame) => controller.enqueue(picture(frame))),
    cancel: () => void (cancelled += 1),
  });
  for await (const id of watchFrames(stream, async (frame) => idOf(frame), forEver)) if (id === 1) break;
  expect([cancelled, ...frames.map(({ closed }) => closed)]).toEqual([1, 1, 1]);
});

test.each([null, undefined, 5, {}, "video"])("%s gives no frames", async (source) => {
  const answers = watchFrames(source as FrameSource, async () => 1, forEver);
  await expect(answers.next()).rejects.toMatchObject({ code: "invalid-argument" });
});
