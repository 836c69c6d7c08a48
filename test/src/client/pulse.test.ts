import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Pulse } from "../../../src/client/pulse.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const EVERY = 1000;

test("a worker that answers its pings is left alone, however long its work takes", async () => {
  const onSilence = vi.fn();
  const pulse = new Pulse(() => Promise.resolve(), onSilence, EVERY);
  pulse.begin();
  await vi.advanceTimersByTimeAsync(100 * EVERY);
  expect(onSilence).not.toHaveBeenCalled();
  pulse.end();
});

test("a worker that answers late now and then is left alone", async () => {
  const onSilence = vi.fn();
  const late = () => new Promise((resolve) => setTimeout(resolve, 4 * EVERY));
  const pulse = new Pulse(late, onSilence, EVERY);
  pulse.begin();
  await vi.advanceTimersByTimeAsync(100 * EVERY);
  expect(onSilence).not.toHaveBeenCalled();
  pulse.end();
});

test("a worker that answers no more is told of", async () => {
  const onSilence = vi.fn();
  const pulse = new Pulse(() => new Promise(() => undefined), onSilence, EVERY);
  pulse.begin();
  await vi.advanceTimersByTimeAsync(6 * EVERY);
  expect(onSilence).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(EVERY);
  expect(onSilence).toHaveBeenCalled();
  pulse.end();
});

test("nobody is asked once nothing is owed", async () => {
  const ping = vi.fn(() => Promise.resolve());
  const pulse = new Pulse(ping, () => undefined, EVERY);
  pulse.begin();
  pulse.end();
  await vi.advanceTimersByTimeAsync(10 * EVERY);
  expect(ping).not.toHaveBeenCalled();
});
