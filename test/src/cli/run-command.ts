import { vi } from "vitest";
import { runCommandLine } from "../../../src/cli/command-line.ts";

/** Runs a command line in this process and gives back its exit code and lines of output, parsed where they are JSON. */
export async function run(...words: string[]): Promise<{ exit: number; lines: unknown[]; errors: string[] }> {
  const [out, errors]: [string[], string[]] = [[], []];
  const log = vi.spyOn(console, "log").mockImplementation((line: string) => void out.push(line));
  const warn = vi.spyOn(console, "error").mockImplementation((line: string) => void errors.push(line));
  try {
    const exit = await runCommandLine(["node", "patchlight", ...words]);
    return { exit, lines: words.includes("--json") ? out.map((line) => JSON.parse(line) as unknown) : out, errors };
  } finally {
    log.mockRestore();
    warn.mockRestore();
  }
}
