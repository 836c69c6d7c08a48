import { median, quantile, ratioInTurns } from "../measure/statistics.ts";
import { isSoftware, type Result, type Row } from "./result.ts";

/** Everything that results hold but the samples, as markdown. */
export function writeReport(results: readonly Result[]): string {
  const intro = [
    "# Results",
    "Written by `npm run bench`. Medians, in brackets the middle half of the samples; × is how many times the figure of the " +
      "first line of the same subject it is, the median over rounds. [What each figure is](../README.md).",
  ];
  return [...intro, ...results.toSorted(byName).flatMap(writePart)].join("\n\n");
}

const byName = (a: Result, b: Result): number => (a.part < b.part ? -1 : 1);

function writePart(result: Result): string[] {
  const { title, rows, absent } = result;
  const subjects = [...new Set(rows.map(({ subject }) => subject))];
  return [
    `## ${title}`,
    `${describeMoment(result)} · ${describeMachine(result)}`,
    ...subjects.flatMap((subject) => [`### ${subject}`, writeTable(rows.filter((row) => row.subject === subject))]),
    ...(absent.length > 0
      ? [absent.map(({ subject, way, reason }) => `- not measured: ${subject}, ${way}: ${reason}`).join("\n")]
      : []),
  ];
}

/** What figures of one run share with those of another that may be compared with them. */
export function describeMachine(result: Result): string {
  const { processor, cores, system, browser, renderer, versions } = result;
  const drawing = isSoftware(result) ? `WebGL without a GPU (${renderer})` : `WebGL on ${renderer ?? "nothing"}`;
  const peers = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [`${processor}, ${cores} logical cores, ${system}`, browser, drawing, ...peers].join(" · ");
}

/** When a part was measured, and what else the machine did. */
export function describeMoment({ date, load, minutes, quick }: Result): string {
  const moment = `${date.slice(0, 16).replace("T", " ")} UTC, load ${load} before, ${minutes.toFixed(1)} min`;
  return quick ? `${moment}, **a quick trial of few rounds**` : moment;
}

function writeTable(rows: readonly Row[]): string {
  const figures = [...new Set(rows.flatMap(({ samples }) => Object.keys(samples)))];
  const facts = [...new Set(rows.flatMap(({ facts }) => Object.keys(facts)))];
  const cells = rows.map((row) => [
    row.way,
    ...figures.map((figure) => sampleCell(row.samples[figure], rows[0]!.samples[figure])),
    ...facts.map((fact) => factCell(row.facts[fact])),
  ]);
  return markdownTable(["", ...figures, ...facts], cells);
}

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function sampleCell(samples: readonly number[] | undefined, first: readonly number[] | undefined): string {
  if (!samples) return "";
  const spread = samples.length > 1 ? ` (${[0.25, 0.75].map((q) => short(quantile(samples, q))).join("–")})` : "";
  const ratio = first && first !== samples ? ` ×${ratioInTurns(samples, first).toFixed(2)}` : "";
  return `${short(median(samples))}${spread}${ratio}`;
}

const factCell = (value: number | undefined): string => (value === undefined ? "" : short(value));

/** Three digits, or all of a larger whole number. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size >= 100 || value === 0 || Number.isInteger(value)) return Math.round(value).toLocaleString("en-GB");
  return size < 0.01 ? value.toExponential(1) : value.toPrecision(3);
}
