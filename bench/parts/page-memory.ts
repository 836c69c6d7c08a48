import { takeTurns } from "../measure/take-turns.ts";
import { visitForMemory, type Visited } from "../measure/visit-page.ts";
import { writePreset } from "../models/model-files.ts";
import type { Part } from "./part.ts";
import { VISITED_MODEL, VISITED_PAGES } from "./visited-pages.ts";

const ROUNDS = 3;
const ANSWERS = 5;
const EMPTY: Visited = { name: "a page that does nothing", page: "nothing" };

/** The largest resident size of the page's process (VmHWM of Linux, workers included) from its start to five answers. */
export const pageMemory: Part = {
  name: "page-memory",
  title: "Memory of a page that answers",
  async measure({ server, rounds, tell }) {
    writePreset(VISITED_MODEL, tell);
    const pages = [...VISITED_PAGES, EMPTY];
    const subject = `ViT-Ti/16, ${ANSWERS} answers`;
    const entrants = pages.map((visited) => ({
      name: visited.name,
      async take() {
        tell(visited.name);
        const { page, gpu } = await visitForMemory(server, visited, ANSWERS);
        return { ...(page !== null && { "page MB": page }), ...(gpu !== null && { "GPU process MB": gpu }) };
      },
    }));
    const samples = await takeTurns(entrants, rounds(ROUNDS));
    const rows = pages.map(({ name: way }) => ({ subject, way, samples: samples.get(way)!, facts: {} }));
    return { rows, absent: [] };
  },
};
