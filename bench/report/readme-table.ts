import { median, ratioInTurns } from "../measure/statistics.ts";
import { isSoftware, type Result, type Row } from "./result.ts";
import { describeMachine, describeMoment, markdownTable, short } from "./tables.ts";

/** One line of the short table: which figure, and who stands in which column. */
type Line = {
  readonly title: string;
  readonly part: string;
  readonly subject: string;
  readonly figure: string; // of the samples, or else of the facts
  readonly unit: string;
  readonly scale?: number; // figure → unit
  readonly ways: readonly (string | null)[]; // in the order of COLUMNS
};

const COLUMNS = ["patchlight", "tfjs, the same model", "onnxruntime-web", "transformers.js"];

const onWasm = (model: string, threads: 1 | 2): Line => {
  const device = `wasm, ${threads} thread${threads > 1 ? "s" : ""}`;
  return {
    title: `${model}, ${device}`,
    part: "encoder-wasm",
    subject: `${model}, batch 1`,
    figure: "wall ms",
    unit: "ms",
    ways: [`patchlight, ${device}`, `tfjs, ${device}`, `onnxruntime-web, ${device}`, null],
  };
};

const onGpu = (model: string): Line => ({
  title: `${model}, WebGL (WebGPU for onnxruntime-web)`,
  part: "encoder-webgl",
  subject: `${model}, batch 1`,
  figure: "wall ms",
  unit: "ms",
  ways: ["patchlight, WebGL", "tfjs, WebGL", "onnxruntime-web, WebGPU", null],
});

const PAGES = ["patchlight, wasm", null, "onnxruntime-web, wasm", "transformers.js, wasm"];
const page = { subject: "ViT-Ti/16", part: "first-answer", ways: PAGES };

const LINES: readonly Line[] = [
  onWasm("ViT-Ti/16", 1),
  onWasm("ViT-Ti/16", 2),
  onWasm("ViT-B/16", 1),
  onWasm("ViT-B/16", 2),
  onGpu("ViT-Ti/16"),
  onGpu("ViT-B/16"),
  {
    ...page,
    title: "ViT-Ti/16, page's address → first answer, wasm",
    figure: "first visit: answer ms",
    unit: "s",
    scale: 0.001,
  },
  { ...page, title: "the same, second visit", figure: "second visit: answer ms", unit: "s", scale: 0.001 },
  {
    ...page,
    title: "the same, the model at 10 MB a second",
    figure: "10 MB a second: answer ms",
    unit: "s",
    scale: 0.001,
  },
  {
    ...page,
    title: "that page's memory at its peak",
    part: "page-memory",
    subject: "ViT-Ti/16, 5 answers",
    figure: "page MB",
    unit: "MB",
  },
  { ...page, title: "that page's code, gzip", figure: "code kB gzip", unit: "kB" },
];

/** The short table for people who will not read the rest, and where it comes from. */
export function writeReadmeTable(results: readonly Result[]): string {
  const byPart = new Map(results.map((result) => [result.part, result]));
  const used = LINES.filter(({ part }) => byPart.has(part));
  if (used.length === 0) return "Not measured yet: `npm run bench`.";
  const lines = used.map((line) => [line.title, ...cellsOf(line, byPart.get(line.part)!)]);
  const sources = [...new Set(used.map(({ part }) => byPart.get(part)!))];
  return [
    markdownTable(
      ["", ...COLUMNS],
      lines.filter(([, ...cells]) => cells.some(Boolean)),
    ),
    "Milliseconds of one image, medians; × is how many times patchlight's, the median over rounds taken in turns." +
      softwareNote(sources),
    describeSources(sources),
  ].join("\n\n");
}

/** Each machine once. */
function describeSources(results: readonly Result[]): string {
  const machines = [...new Set(results.map(describeMachine))];
  const lines = machines.map((machine) => {
    const here = results.filter((result) => describeMachine(result) === machine);
    return `- ${machine}: ${here.map((result) => `\`${result.part}\` ${describeMoment(result)}`).join("; ")}`;
  });
  return lines.join("\n");
}

const softwareNote = (results: readonly Result[]): string =>
  results.some(isSoftware)
    ? " WebGL ran on the processor here, without a GPU: its lines say which is quicker, not how quick."
    : "";

function cellsOf({ subject, ways, figure, unit, scale = 1 }: Line, { rows, absent }: Result): string[] {
  const find = (way: string | null): Row | undefined => rows.find((row) => row.subject === subject && row.way === way);
  const ours = valuesOf(find(ways[0]!), figure);
  return ways.map((way, column) => {
    const values = valuesOf(find(way), figure);
    if (!values)
      return absent.some((each) => each.way === way && subject.startsWith(each.subject)) ? "not measured" : "";
    const value = `${short(median(values) * scale)} ${unit}`;
    return column === 0 || !ours ? value : `${value} (×${ratioInTurns(values, ours).toFixed(1)})`;
  });
}

function valuesOf(row: Row | undefined, figure: string): readonly number[] | undefined {
  const fact = row?.facts[figure];
  return row?.samples[figure] ?? (fact === undefined ? undefined : [fact]);
}

const BEGIN = "<!-- bench: written by npm run bench -->";
const END = "<!-- /bench -->";

/** A text with what stands between its marks replaced. Throws where it has none. */
export function replaceBetweenMarks(text: string, table: string): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`README.md: expected ${BEGIN} and, behind it, ${END}`);
  return `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${text.slice(end)}`;
}
