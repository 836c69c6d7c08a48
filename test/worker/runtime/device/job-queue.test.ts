import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { JobQueue } from "../../../../worker/runtime/device/job-queue.ts";
import { withResolvers } from "../../../setup/with-resolvers.ts";

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
    const [begun, end] = [withResolvers(), withResolvers()];
    const running = queue.run(() => (begun.resolve(), end.promise), controller.signal);
    await begun.promise;
    controller.abort();
    await expect(running).rejects.toMatchObject({ name: "AbortError" });
    let nextRan = false;
    const next = queue.run(async () => void (nextRan = true));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(nextRan).toBe(false);
    end.resolve();
    await next;
    expect(nextRan).toBe(true);
  });

  test("a job that steps aside lets the others run, and comes behind those that are there", async () => {
    const queue = new JobQueue();
    const gate = withResolvers();
    const order: string[] = [];
    const job = (name: string) => queue.run(async () => void order.push(name));
    const patient = queue.run(async (stepAside) => {
      order.push("begins");
      await stepAside(gate.promise);
      order.push("goes on");
      await stepAside(Promise.resolve());
      order.push("ends");
    });
    const first = job("first");
    await first;
    expect(queue.length).toBe(0); // nobody waits for the device
    const long = withResolvers();
    const second = queue.run(async () => {
      await long.promise;
      order.push("second");
    });
    gate.resolve();
    const third = job("third");
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(order).toEqual(["begins", "first"]);
    long.resolve();
    await Promise.all([patient, second, third]);
    expect(order).toEqual(["begins", "first", "second", "third", "goes on", "ends"]);
    expect(queue.length).toBe(0);
  });

  test("one that waits aside for what fails ends in its own turn, and holds up nobody", async () => {
    const queue = new JobQueue();
    const long = withResolvers();
    const order: string[] = [];
    const failing = queue.run(async (stepAside) => {
      try {
        await stepAside(long.promise.then(() => Promise.reject(new Error("cut"))));
      } finally {
        order.push("tidied up");
      }
    });
    const other = queue.run(async () => {
      long.resolve();
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push("other");
    });
    await expect(failing).rejects.toThrow("cut");
    await other;
    expect(order).toEqual(["other", "tidied up"]);
    expect(queue.length).toBe(0);
  });

  test("a job that ends while it stands aside takes no further turn", async () => {
    const queue = new JobQueue();
    const until = withResolvers();
    await queue.run(async (stepAside) => void stepAside(until.promise));
    expect(queue.length).toBe(0);
    until.resolve();
    expect(await queue.run(() => Promise.resolve(1))).toBe(1);
    await vi.waitFor(() => expect(queue.length).toBe(0));
  });
});
