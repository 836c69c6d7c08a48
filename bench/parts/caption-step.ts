import { launchBrowser } from "../../test/setup/launch-browser.ts";
import { openLibrary } from "../measure/open-library.ts";
import type { Row } from "../report/result.ts";
import type { Part } from "./part.ts";

const MODEL = "everyday-captioner";
const PICTURE = "/examples/lemon.jpg";
const WORDS = 20;
const ROUNDS = { wasm: 61, webgl: 61, software: 15 }; // steps of less than a millisecond scatter

/** A late word costs what an early one does, if what was said before is not computed again. */
export const captionStep: Part = {
  name: "caption-step",
  title: "The second word of a sentence and the twentieth",
  async measure(bench) {
    const rows: Row[] = [];
    for (const backend of ["wasm", "webgl"] as const) {
      const rounds = backend === "webgl" && bench.software ? ROUNDS.software : ROUNDS[backend];
      bench.tell(`${MODEL} on ${backend}`);
      const browser = await launchBrowser();
      try {
        const library = await openLibrary(browser, bench.server.url);
        await library.load(MODEL, backend);
        await library.writeWords(PICTURE, WORDS);
        const samples: Record<"word 2 ms" | "word 20 ms", number[]> = { "word 2 ms": [], "word 20 ms": [] };
        for (let round = 0; round < bench.rounds(rounds); round++) {
          const took = await library.writeWords(PICTURE, WORDS);
          if (took.length < WORDS - 1) throw new Error(`words: expected ${WORDS}, got ${took.length + 1}`);
          samples["word 2 ms"].push(took[0]!);
          samples["word 20 ms"].push(took[WORDS - 2]!);
        }
        rows.push({ subject: `${MODEL}, greedy`, way: `patchlight, ${backend}`, samples, facts: {} });
      } finally {
        await browser.close();
      }
    }
    return { rows, absent: [] };
  },
};
