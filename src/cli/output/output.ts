import { isAbortError, VisionError } from "../../../worker/contract/errors.ts";
import { codedError } from "../../../worker/runtime/coded-error.ts";

/** Exit codes of the command line. */
export const EXIT = {
  done: 0,
  someFailed: 1,
  wrongCall: 2,
  readerGone: 141, // 128 and SIGPIPE, as a shell has it
} as const;

/** What goes to stdout: one JSON object per line with `--json`, text for people without. Progress goes to stderr. */
export type Output = {
  readonly json: boolean;
  /** One result. `text` is what people read. */
  result(line: object, text: string): void;
  /** One failed input; the rest goes on. */
  failure(file: string, thrown: unknown): void;
  /** Makes the exit code `someFailed`, for a failure that its own result line tells. */
  fail(): void;
  readonly exitCode: number;
};

export function createOutput(json: boolean): Output {
  let exitCode: number = EXIT.done;
  return {
    json,
    get exitCode() {
      return exitCode;
    },
    result: (line, text) => console.log(json ? JSON.stringify(line) : text),
    fail: () => void (exitCode = EXIT.someFailed),
    failure(file, thrown) {
      exitCode = EXIT.someFailed;
      const { code, message } = describeError(thrown);
      if (json) console.log(JSON.stringify({ file, error: { code, message } }));
      else console.error(`${file}: ${message} [${code}]`);
    },
  };
}

export function describeError(thrown: unknown): { code: string; message: string } {
  const error = codedError(thrown);
  if (error instanceof VisionError) return { code: error.code, message: error.message };
  return { code: isAbortError(error) ? "aborted" : "internal", message: error.message };
}
