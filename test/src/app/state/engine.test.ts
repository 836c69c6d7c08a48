import { expect, test } from "vitest";
import {
  backendFromAddress,
  backendTitle,
  createEngine,
  precisionFromAddress,
} from "../../../../src/app/state/engine.ts";
import type { VisionOptions } from "../../../../src/index.ts";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { BACKEND, fakeVision } from "../fake-vision.ts";

test("a start that fails is named, and can be tried again", async () => {
  let tries = 0;
  const engine = createEngine(async () => {
    tries += 1;
    if (tries === 1) throw new VisionError("worker-failed-to-start", "404");
    return fakeVision();
  }, "auto");
  await engine.start();
  expect([engine.failure.value?.code, engine.backend.value]).toEqual(["worker-failed-to-start", null]);
  await engine.start();
  expect([engine.failure.value, engine.backend.value]).toEqual([null, BACKEND]);
});

test("of a backend asked for by name, it is said that this one does not work", async () => {
  const refuse = (): Promise<never> => Promise.reject(new VisionError("backend-unavailable", "no WebGL2"));
  const titleOf = async (choice: "auto" | "webgl"): Promise<string | undefined> => {
    const engine = createEngine(refuse, choice);
    await engine.start();
    return engine.failure.value?.title;
  };
  expect(await titleOf("webgl")).toBe("WebGL does not work in this browser.");
  expect(await titleOf("auto")).toBe("This browser offers nothing to compute with.");
});

test("a restart tells the reason and the backend that goes on", async () => {
  let given: VisionOptions = {};
  const engine = createEngine(async (options) => {
    given = options;
    return fakeVision();
  }, "webgl");
  await engine.start("some-model");
  expect(given).toMatchObject({ backend: "webgl", preload: "some-model" });
  for (const reason of ["The GPU was lost", "The GPU was lost.", "The GPU was lost. The next call starts another."]) {
    given.onRestart?.(reason, BACKEND);
    expect(engine.restart.value).toBe("The GPU was lost; continuing on wasm · CPU.");
  }
  engine.dismissRestart();
  expect(engine.restart.value).toBeNull();
});

test("the title has the renderer where it is known", () => {
  expect(backendTitle(BACKEND)).toBe("wasm · CPU");
  expect(backendTitle({ ...BACKEND, threads: 4 })).toBe("wasm · CPU · 4 threads");
  const gpu = { ...BACKEND, name: "webgl", renderer: "Apple M2" } as const;
  expect(backendTitle(gpu)).toBe("WebGL · Apple M2");
  expect(backendTitle({ ...gpu, precision: "float16" })).toBe("WebGL · Apple M2 · float16");
});

test("nobody is told of a GPU where a renderer draws on the CPU", () => {
  const software = { ...BACKEND, name: "webgl", software: true } as const;
  expect(backendTitle(software)).toBe("WebGL · software");
  expect(backendTitle({ ...software, renderer: "SwiftShader" })).toBe("WebGL · SwiftShader");
});

test("the page's address may ask for a backend, and for half floats", () => {
  expect(["", "?backend=cpu", "?backend=webgpu"].map(backendFromAddress)).toEqual(["auto", "cpu", "auto"]);
  expect(["", "?backend=webgl&precision=float16", "?precision=int8"].map(precisionFromAddress)).toEqual([
    "float32",
    "float16",
    "float32",
  ]);
});
