import { takeTurns, type Entrant } from "../measure/take-turns.ts";
import { visitSlowly, visitTwice, type Visited } from "../measure/visit-page.ts";
import { writePreset } from "../models/model-files.ts";
import type { Waited } from "../pages/visits/visit.ts";
import type { Row } from "../report/result.ts";
import type { Bench, Part } from "./part.ts";
import { VISITED_MODEL, VISITED_PAGES } from "./visited-pages.ts";

const ROUNDS = 5;
const SLOW_PACE = 10e6; // bytes of a model a second, as a line of 80 Mbit/s brings them
const KILOBYTE = 1000;
const MEGABYTE = 1e6;

/** Each page in a browser just started, and a second time in the same; decoding of the picture included. */
export const firstAnswer: Part = {
  name: "first-answer",
  title: "From the page's address to the first answer",
  async measure(bench) {
    writePreset(VISITED_MODEL, bench.tell);
    const facts = new Map<string, Row["facts"]>();
    const entrants = VISITED_PAGES.map((visited) => entrant(bench, visited, (told) => facts.set(visited.name, told)));
    const samples = await takeTurns(entrants, bench.rounds(ROUNDS));
    const rows = VISITED_PAGES.map(({ name: way }) => ({
      subject: "ViT-Ti/16",
      way,
      samples: samples.get(way)!,
      facts: facts.get(way)!,
    }));
    return { rows, absent: [] };
  },
};

function entrant({ server, tell }: Bench, visited: Visited, onFacts: (facts: Row["facts"]) => void): Entrant {
  return {
    name: visited.name,
    async take() {
      tell(visited.name);
      const { first, second, bytes } = await visitTwice(server, visited);
      const slow = await visitSlowly(server, visited, SLOW_PACE);
      onFacts({
        class: first.best,
        "code kB": bytes.code / KILOBYTE,
        "code kB gzip": bytes.compressed / KILOBYTE,
        "model MB": bytes.model / MEGABYTE,
      });
      return {
        ...figures("first visit", first),
        ...figures("second visit", second),
        ...figures("10 MB a second", slow),
      };
    },
  };
}

const figures = (visit: string, { ready, answer }: Waited) => ({
  [`${visit}: ready ms`]: ready,
  [`${visit}: ready to answer ms`]: answer - ready,
  [`${visit}: answer ms`]: answer,
});
