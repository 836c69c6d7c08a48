/** What people should know of a model: plain text, which the card escapes; lines and paragraphs are kept in long fields. */
export type ModelCard = {
  readonly name: string;
  readonly summary: string; // what it is for, in a sentence
  readonly data: string; // what it was trained on
  readonly dataLicence: string;
  readonly recipe: string; // long: how it was trained, so that another can do it again
  readonly accuracy: { readonly value: string; readonly measured: string } | null; // null: not measured
  readonly limits: string; // long: what it cannot do, and what it should not be used for
};

/** Figures that the written files tell. */
export type WrittenFigures = { readonly parameters: number; readonly bytes: number; readonly dtype: string };

/** A model folder's `README.md`, in markdown. */
export function writeModelCard(card: ModelCard, { parameters, bytes, dtype }: WrittenFigures): string {
  const rows = [
    ["size", `${count(parameters)} parameters, ${dtype}, ${count(bytes)} bytes`],
    ["accuracy", card.accuracy?.value ?? "not measured"],
    ...(card.accuracy ? [["measured", card.accuracy.measured]] : []),
    ["data", card.data],
    ["licence of the data", card.dataLicence],
  ];
  return [
    `# ${inOneLine(card.name)}`,
    escapeMarkdown(card.summary),
    ["| | |", "|---|---|", ...rows.map((cells) => `| ${cells.map(inOneLine).join(" | ")} |`)].join("\n"),
    "## Recipe",
    escapeMarkdown(card.recipe),
    "## Limits",
    `${escapeMarkdown(card.limits)}\n`,
  ].join("\n\n");
}

const count = (number: number): string => number.toLocaleString("en-GB");

const inOneLine = (text: string): string => escapeMarkdown(text.replace(/\s+/g, " "));

/** Text that markdown shows as it stands, line by line: no markup, no HTML, no entity, no list, no indented code. */
const escapeMarkdown = (text: string): string =>
  text
    .split(/\r\n|\r|\n/)
    .map((line) =>
      line
        .trim()
        .replace(/[\\`*_[\]<>|~#&]/g, "\\$&")
        .replace(/^[-+=]/, "\\$&")
        .replace(/^(\d+)([.)])(?=\s|$)/, "$1\\$2"),
    )
    .join("\n")
    .trim();
