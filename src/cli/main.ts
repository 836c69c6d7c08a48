#!/usr/bin/env node
import { runCommandLine } from "./command-line.ts";
import { EXIT } from "./output/output.ts";

/** A reader that has seen enough, as in `patchlight … | head -1`, ends the command, whatever it had still to do. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(EXIT.readerGone);
  });
}

process.exitCode = await runCommandLine(process.argv);
