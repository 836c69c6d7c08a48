import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JobQueue } from "../../../worker/runtime/job-queue.ts";

const never = new Promise<never>(() => undefined);

describe("JobQueue", () => {
  test("runs one job at a time, in order, and a failed one does not hold up the next", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { maxLength: 20 }), async (outcomes) => {
        const queue = new JobQueue();
        let running = 0;
        const order: number[] = [];
        const jobs = outcomes.map((succeeds, index) =>
          queue.run(async () => {
            expect(++running).toBe(1);
            await Promise.resolve();
            order.push(index);
            running--;
            if (!succeeds) throw new Error(`job ${index}`);
            return index;
          }),
        );
        const results = await Promise.allSettled(jobs);
        expect(results.map(({ status }) => status === "fulfilled")).toEqual(outcomes);
        expect(order).toEqual(outcomes.map((_, index) => index));
        expect(queue.length).toBe(0);
      }),
    );
  });

  test("a job cancelled while it waits rejects at once and never runs", async () => {
    const queue = new JobQueue();
    void queue.run(() => never);
    const controller = new AbortController();
    let ran = false;
    const waiting = queue.run(() => Promise.resolve((ran = true)), controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
    expect(ran).toBe(false);
  });

  test("a job cancelled while it runs rejects at once, and the next waits until it has really stopped", async () => {
    const queue = new JobQueue();
    const controller = new AbortController();
    let stop = (): void => undefined;
    const running = queue.run(() => new Promise<void>((resolve) => (stop = resolve)), controller.signal);
    await Promise.resolve();
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    let nextRan = false;
    const next = queue.run(async () => void (nextRan = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(nextRan).toBe(false);
    stop();
    await next;
    expect(nextRan).toBe(true);
  });
});
