import { parseArgs } from "node:util";
import type { CAC } from "cac";
import { WrongCall } from "./wrong-call.ts";

/**
 * The words of a call → the command, its arguments and its options, put into `cli`, which declares them and checks the
 * rest. Node reads the words, not cac: cac makes numbers of values (`--output 0042` would write `42`) and takes a file
 * `-dash.jpg` for options. All values stay as they were written; an option given twice is an array. Throws `WrongCall`.
 */
export function readWords(cli: CAC, words: readonly string[]): void {
  const { values, positionals } = parseWords(words, [cli.globalCommand, ...cli.commands].flatMap(optionsOf));
  const [name = "", ...args] = positionals;
  cli.matchedCommand = cli.commands.find((command) => command.isMatched(name));
  cli.args = cli.matchedCommand ? args : positionals;
  const declared = [cli.globalCommand, ...(cli.matchedCommand ? [cli.matchedCommand] : [])].flatMap(optionsOf);
  const defaults = declared.filter(({ config }) => config.default !== undefined);
  cli.options = Object.fromEntries(defaults.map(({ name, config }) => [name, config.default as unknown]));
  for (const [flag, value] of Object.entries(values)) {
    cli.options[camelCase(flag)] = Array.isArray(value) && value.length === 1 ? value[0] : value;
  }
}

type Command = CAC["commands"][number];
type Option = Command["options"][number];

const optionsOf = ({ options }: Command): Option[] => options;

/** As cac names options: `top-k` → `topK`. */
const camelCase = (flag: string): string => flag.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

function parseWords(words: readonly string[], declared: readonly Option[]) {
  const options = Object.fromEntries(declared.map(toParseOption));
  try {
    return parseArgs({ args: spellOut(words, options), options, allowPositionals: true });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
    if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw new WrongCall(message);
    throw new WrongCall(`${message.split(". ")[0]}. Put -- before files that begin with a dash: classify -- -dash.jpg`);
  }
}

type ParseOption = { readonly type: "boolean" | "string"; readonly multiple: boolean; readonly short?: string };

function toParseOption({ rawName, isBoolean }: Option): [string, ParseOption] {
  const [, short, flag] = /^(?:-(\w), )?--([\w-]+)/.exec(rawName)!; // "-h, --help", "--top-k <k>"
  const option = { type: isBoolean ? "boolean" : "string", multiple: !isBoolean } as const;
  return [flag!, short === undefined ? option : { ...option, short }];
}

/** `--json=true` → `--json`, `--json=false` → nothing; Node would refuse both. */
function spellOut(words: readonly string[], options: Readonly<Record<string, ParseOption>>): string[] {
  const end = words.indexOf("--") >= 0 ? words.indexOf("--") : words.length;
  const spelt = words.slice(0, end).flatMap((word) => {
    const [, flag, value] = /^--([\w-]+)=(true|false)$/.exec(word) ?? [];
    if (flag === undefined || options[flag]?.type !== "boolean") return [word];
    return value === "true" ? [`--${flag}`] : [];
  });
  return [...spelt, ...words.slice(end)];
}
