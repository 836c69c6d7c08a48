import { pick } from "../../contract/draw.ts";
import { createRandom, type Random } from "../../contract/random.ts";
import { createAlphabet } from "./alphabet.ts";
import type { Example, SequenceTask } from "./sequence-task.ts";

const LETTERS = [..."abcdefghijklmnopqrstuvwxyz"];
const SHORTEST = 3; // letters; of fewer there are not enough to hold any out

const reversed = (word: string): Example => ({ source: word, target: [...word].reverse().join("") });

function drawWord(longest: number, random: Random): string {
  const length = SHORTEST + Math.floor(random() * (longest - SHORTEST + 1));
  return Array.from({ length }, () => pick(LETTERS, random)).join("");
}

/** Words of three to `longest` random letters, to be written backwards; those held out are never learned from. */
export function reversalTask(seed: number, longest = 10, heldOut = 1000): SequenceTask {
  const random = createRandom(seed);
  const kept = new Set<string>();
  while (kept.size < heldOut) kept.add(drawWord(longest, random));
  const alphabet = createAlphabet(LETTERS.join(""));
  return {
    source: alphabet,
    target: alphabet,
    longestSource: longest,
    longestTarget: longest,
    draw(drawn) {
      let word = drawWord(longest, drawn);
      while (kept.has(word)) word = drawWord(longest, drawn);
      return reversed(word);
    },
    heldOut: [...kept].map(reversed),
  };
}
