import { describe, expect, test, vi } from "vitest";
import type { BackendName } from "../../../../worker/contract/api.ts";
import { chooseBackend } from "../../../../worker/runtime/backends/choose-backend.ts";
import { cpuBackend } from "../../../../worker/runtime/backends/cpu.ts";
import { SYNCHRONOUS, type BackendDriver, type StartedBackend } from "../../../../worker/runtime/backends/driver.ts";
import { withResolvers } from "../../../setup/with-resolvers.ts";

/** Stands in for a backend: it computes on tfjs's cpu backend, and tells of itself what the test wants. */
const standIn = (name: BackendName, told: Partial<StartedBackend> = {}): BackendDriver => ({
  name,
  async start(onLost) {
    await cpuBackend.start(onLost);
    return { ...SYNCHRONOUS, ...told };
  },
});

const failing = (name: BackendName, reason: string): BackendDriver => ({
  name,
  start: () => Promise.reject(new Error(reason)),
});

const ignore = (): void => undefined;

describe("auto", () => {
  test("takes the first that works", async () => {
    const { report } = await chooseBackend(
      "auto",
      [standIn("webgl", { renderer: "A real GPU" }), standIn("wasm")],
      ignore,
    );
    expect(report).toMatchObject({ name: "webgl", renderer: "A real GPU", software: false, rejected: [] });
  });

  test("passes over a software renderer and a backend that fails, and says why", async () => {
    const drivers = [
      standIn("webgl", { renderer: "SwiftShader", software: true }),
      failing("wasm", "No WebAssembly here."),
      standIn("cpu"),
    ];
    const { report } = await chooseBackend("auto", drivers, ignore);
    expect(report.name).toBe("cpu");
    expect(report.rejected).toEqual([
      { name: "webgl", reason: "SwiftShader draws on the CPU, where WebAssembly is quicker." },
      { name: "wasm", reason: "No WebAssembly here." },
    ]);
    expect(report.reason).toContain("No WebAssembly here.");
  });
});

test("a backend that starts too late is closed, and lets the one chosen meanwhile be", async () => {
  vi.useFakeTimers();
  try {
    const told = vi.fn();
    const late = withResolvers<StartedBackend>();
    let lose: (reason: string) => void = ignore;
    const slow: BackendDriver = { name: "webgl", start: (onLost) => ((lose = onLost), late.promise) };
    const choosing = chooseBackend("auto", [slow, standIn("cpu")], told);
    await vi.advanceTimersByTimeAsync(20_000);
    const { report } = await choosing;
    expect(report).toMatchObject({
      name: "cpu",
      rejected: [{ name: "webgl", reason: "It did not start within 20 s." }],
    });
    late.resolve(SYNCHRONOUS);
    await vi.advanceTimersByTimeAsync(0);
    lose("gone");
    expect(told).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});

test("a software renderer is used when it is asked for by name", async () => {
  const drivers = [standIn("webgl", { software: true }), standIn("wasm")];
  const { report } = await chooseBackend("webgl", drivers, ignore);
  expect(report).toMatchObject({ name: "webgl", software: true });
  expect(report.reason).not.toContain("GPU");
});

test("a backend asked for by name has no silent stand-in", async () => {
  const drivers = [failing("webgl", "No GPU."), standIn("wasm")];
  await expect(chooseBackend("webgl", drivers, ignore)).rejects.toMatchObject({
    code: "backend-unavailable",
    message: "No backend works here: webgl – No GPU.",
  });
  await expect(chooseBackend("cpu", drivers, ignore)).rejects.toMatchObject({
    code: "backend-unavailable",
    message: "backend: expected auto or one of webgl, wasm, got cpu",
  });
});
