/** Where progress is told: stderr, or what a test puts in its place. */
export type ProgressStream = { readonly isTTY?: boolean; write(text: string): unknown };

export type ProgressLine = {
  /** `done` inputs are through; `text` says what people read. */
  tell(done: number, text: string): void;
  /** Takes the line away, so that other output can follow; the next `tell` brings it back. */
  clear(): void;
};

const WIPE = "\r\x1b[K"; // back to the start, and erase what stands there

/** On a terminal one line that is written over; in a file or pipe a line each time another `every` inputs are through. */
export function createProgressLine(stream: ProgressStream, every = 1000): ProgressLine {
  if (stream.isTTY) {
    return {
      tell: (_, text) => void stream.write(WIPE + text),
      clear: () => void stream.write(WIPE),
    };
  }
  let told = 0;
  return {
    tell(done, text) {
      if (Math.floor(done / every) === told) return;
      told = Math.floor(done / every);
      stream.write(`${text}\n`);
    },
    clear: () => undefined,
  };
}
