import { launchBrowser } from "../../test/setup/launch-browser.ts";
import { openLibrary } from "../measure/open-library.ts";
import { takeTurns } from "../measure/take-turns.ts";
import type { Row } from "../report/result.ts";
import type { Part } from "./part.ts";

const PICTURE = "/examples/lemon.jpg";
const ROUNDS = 9;

const METHODS = {
  "everyday-vit": ["rollout", "chefer", "gradient-rollout", "grad-cam"],
  "everyday-cnn": ["module", "grad-cam"],
} as const;

/** What a map costs beside a classification of the same picture, decoding included. */
export const explainCost: Part = {
  name: "explain-cost",
  title: "A map beside a classification, on wasm",
  async measure(bench) {
    const rows: Row[] = [];
    for (const [model, methods] of Object.entries(METHODS)) {
      bench.tell(model);
      const browser = await launchBrowser();
      try {
        const library = await openLibrary(browser, bench.server.url);
        await library.load(model, "wasm");
        const entrants = (["classify", ...methods] as const).map((method) => ({
          name: method,
          take: async () => ({ "wall ms": await library.ask(PICTURE, method) }),
        }));
        for (const { take } of entrants) await take();
        const samples = await takeTurns(entrants, bench.rounds(ROUNDS));
        for (const [way, taken] of samples) rows.push({ subject: model, way, samples: taken, facts: {} });
      } finally {
        await browser.close();
      }
    }
    return { rows, absent: [] };
  },
};
