import { launchBrowser } from "../../test/setup/launch-browser.ts";
import { openLibrary } from "../measure/open-library.ts";
import type { Row } from "../report/result.ts";
import type { Part } from "./part.ts";

const MODEL = "everyday-captioner";
const PICTURE = "/examples/lemon.jpg";
const WORDS = 20; // and one more, that the last step brings
const ROUNDS = { wasm: 61, webgl: 61, software: 15 }; // steps of less than a millisecond scatter

/**
 * A late step costs what an early one does, if what was said before is not computed again. A step is told by the word
 * that it brings; the first word's event is longer on its way than all others, so no step is measured from that.
 */
export const captionStep: Part = {
  name: "caption-step",
  title: "The step behind the second word of a sentence and the twentieth",
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
        const samples: Record<`behind word ${2 | 20} ms`, number[]> = {
          "behind word 2 ms": [],
          "behind word 20 ms": [],
        };
        for (let round = 0; round < bench.rounds(rounds); round++) {
          const took = await library.writeWords(PICTURE, WORDS);
          if (took.length < WORDS) throw new Error(`words: expected ${WORDS + 1}, got ${took.length + 1}`);
          samples["behind word 2 ms"].push(took[1]!);
          samples["behind word 20 ms"].push(took[WORDS - 1]!);
        }
        rows.push({ subject: `${MODEL}, greedy`, way: `patchlight, ${backend}`, samples, facts: {} });
      } finally {
        await browser.close();
      }
    }
    return { rows, absent: [] };
  },
};
