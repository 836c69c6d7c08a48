import { expect, test } from "vitest";
import type { Result, Row } from "../../../bench/report/result.ts";
import { replaceBetweenMarks, writeReadmeTable } from "../../../bench/report/readme-table.ts";
import { short, writeReport } from "../../../bench/report/tables.ts";

const row = (way: string, wall: number[], facts: Row["facts"] = {}): Row => ({
  subject: "ViT-Ti/16, batch 1",
  way,
  samples: { "wall ms": wall },
  facts,
});

const result = (fields: Partial<Result>): Result => ({
  part: "encoder-wasm",
  title: "Vision Transformers on WebAssembly",
  quick: false,
  minutes: 1.25,
  date: "2026-01-02T03:04:05.678Z",
  processor: "A Processor",
  cores: 2,
  system: "Linux 1",
  browser: "chromium 1",
  renderer: "A GPU",
  load: 0.5,
  versions: { peer: "1.0.0" },
  rows: [],
  absent: [],
  ...fields,
});

const wasm = result({
  rows: [
    row("patchlight, wasm, 1 thread", [50, 40, 60], { "largest difference": 0.000012 }),
    row("tfjs, wasm, 1 thread", [100, 120, 150]),
  ],
});

test("the whole report gives each median, its spread and its ratio to the first of its subject", () => {
  const report = writeReport([wasm]);
  expect(report).toContain("### ViT-Ti/16, batch 1");
  expect(report).toContain("| patchlight, wasm, 1 thread | 50 (45–55) | 1.2e-5 |");
  expect(report).toContain("| tfjs, wasm, 1 thread | 120 (110–135) ×2.50 |  |");
});

test("conditions are told with each part, and a renderer without a GPU is called one", () => {
  expect(writeReport([wasm])).toContain(
    "2026-01-02 03:04 UTC, load 0.5 before, 1.3 min · A Processor, 2 logical cores, Linux 1 · chromium 1",
  );
  const software = result({ renderer: "ANGLE (Google, Vulkan 1.3.0 (SwiftShader Device), SwiftShader driver)" });
  expect(writeReport([software])).toContain("WebGL without a GPU (ANGLE");
  expect(writeReport([result({ quick: true })])).toContain("a quick trial");
});

test("what is not there is told with its reason", () => {
  const absent = [{ subject: "ViT-Ti/16", way: "onnxruntime-web, WebGPU", reason: "no device" }];
  expect(writeReport([result({ absent })])).toContain("- not measured: ViT-Ti/16, onnxruntime-web, WebGPU: no device");
});

test("the short table holds the lines whose parts were measured, and nothing for who did not take part", () => {
  const table = writeReadmeTable([wasm]);
  expect(table).toContain("| ViT-Ti/16, wasm, 1 thread | 50 ms | 120 ms (×2.5) |  |  |");
  expect(table).not.toContain("2 threads"); // nobody has run it
  expect(table).not.toContain("WebGL (WebGPU");
  expect(table).not.toContain("without a GPU");
  expect(writeReadmeTable([])).toBe("Not measured yet: `npm run bench`.");
});

test("a machine is told once for all its parts, and another by itself", () => {
  const pages = { part: "first-answer", rows: [{ ...row("patchlight, wasm", []), subject: "ViT-Ti/16" }] };
  const sources = (results: Result[]): string[] =>
    writeReadmeTable(results)
      .split("\n")
      .filter((line) => line.startsWith("- "));
  expect(sources([wasm, result(pages)])).toHaveLength(1);
  expect(sources([wasm, result({ ...pages, processor: "Another" })])).toHaveLength(2);
});

test("a peer that this browser cannot run is said not to be measured", () => {
  const absent = [{ subject: "ViT-Ti/16", way: "onnxruntime-web, WebGPU", reason: "no device" }];
  const webgl = result({
    part: "encoder-webgl",
    renderer: "SwiftShader",
    rows: [row("patchlight, WebGL", [7])],
    absent,
  });
  const table = writeReadmeTable([webgl]);
  expect(table).toContain("| 7 ms |  | not measured |  |");
  expect(table).toContain("without a GPU: its lines say which is quicker");
});

test("a table goes between its marks and nowhere else", () => {
  const marks = ["<!-- bench: written by npm run bench -->", "<!-- /bench -->"];
  const written = replaceBetweenMarks(`a\n${marks[0]}\nold\n${marks[1]}\nb`, "new");
  expect(written).toBe(`a\n${marks[0]}\n\nnew\n\n${marks[1]}\nb`);
  expect(replaceBetweenMarks(written, "new")).toBe(written);
  expect(() => replaceBetweenMarks("no marks", "new")).toThrow("README.md: expected");
});

test("numbers have three digits, or all of a larger whole one", () => {
  expect([0, 3, 12.345, 99.96, 1234.5, 0.5, 0.00001234].map(short)).toEqual([
    "0",
    "3",
    "12.3",
    "100",
    "1,235",
    "0.500",
    "1.2e-5",
  ]);
});
