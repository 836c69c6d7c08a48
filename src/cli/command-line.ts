import { cac, type CAC } from "cac";
import packageJson from "../../package.json" with { type: "json" };
import { declareAnswerCommands } from "./call/answer-commands.ts";
import { declareCommonOptions } from "./call/common-options.ts";
import { declareEvalCommand } from "./call/eval-command.ts";
import { orList } from "./call/option-values.ts";
import { readWords } from "./call/read-words.ts";
import { declareTrainingCommands } from "./call/training-commands.ts";
import { WrongCall } from "./call/wrong-call.ts";
import { EXIT } from "./output/output.ts";

/** Runs one command line (`process.argv` as it is) and resolves to its exit code; see `EXIT`. */
export async function runCommandLine(argv: readonly string[]): Promise<number> {
  const cli = declareCommands();
  try {
    readWords(cli, argv.slice(2));
    if (cli.options.help || cli.options.version) {
      if (cli.options.help) cli.outputHelp();
      else cli.outputVersion();
      return EXIT.done;
    }
    if (!cli.matchedCommand) throw new WrongCall(unknownCommand(cli));
    refuseSurplus(cli.matchedCommand, cli.args);
    return await (cli.runMatchedCommand() as Promise<number>);
  } catch (error) {
    if (!(error instanceof WrongCall) && !(error instanceof Error && error.name === "CACError")) throw error;
    console.error(`${error.message}\nSee patchlight --help.`);
    return EXIT.wrongCall;
  }
}

/** Every action resolves to the exit code. */
function declareCommands(): CAC {
  const cli = cac("patchlight");
  declareCommonOptions(cli);
  declareAnswerCommands(cli);
  declareEvalCommand(cli);
  declareTrainingCommands(cli);
  cli.help();
  cli.version(packageJson.version);
  return cli;
}

function refuseSurplus({ name, args: wanted }: CAC["commands"][number], given: readonly string[]): void {
  if (given.length <= wanted.length || wanted.some(({ variadic }) => variadic)) return;
  const surplus = given.slice(wanted.length).join(" ");
  const what =
    wanted.length === 0
      ? `options alone, such as --model ${surplus}`
      : `one ${wanted.map(({ value }) => value).join(" ")}`;
  throw new WrongCall(`${name}: expected ${what}, got ${given.join(" ")}`);
}

function unknownCommand({ args, commands }: CAC): string {
  if (args[0] !== undefined) return `Unknown command: ${args[0]}`;
  return `Expected a command: ${orList(commands.map(({ name }) => name))}.`;
}
