import { signal } from "@preact/signals";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { createWordChoice, stepWord, type WordChoice } from "../../../../../src/app/state/describing/word-choice.ts";
import { createWordPlayer } from "../../../../../src/app/state/describing/word-player.ts";
import { createPhoto, type Photo } from "../../../../../src/app/state/photo.ts";
import { caption, word } from "../../fake-vision.ts";

const described = (best: string, ...others: string[]): Photo => {
  const photo = createPhoto(1, { name: "a.jpg", content: new Blob() });
  photo.caption.value = { kind: "done", caption: caption(best, ...others), model: "Small" };
  return photo;
};

const setUp = (...sentences: [string, ...string[]]) => {
  const photo = described(...sentences);
  const chosen = signal<Photo | null>(photo);
  const asked = signal("a map");
  return { photo, chosen, asked, choice: createWordChoice(chosen, asked) };
};

const shownText = ({ word }: WordChoice): string | undefined => word.value?.text;

describe("the word that is looked into", () => {
  test("is the one pointed at, else the one kept, else none", () => {
    const { choice } = setUp("a cat sleeps");
    expect([choice.shown.value, choice.word.value]).toEqual([null, null]);
    choice.keep(1);
    choice.pointAt(2);
    expect(shownText(choice)).toBe("sleeps");
    choice.pointAt(null);
    expect(shownText(choice)).toBe("cat");
    choice.keep(null);
    expect(choice.word.value).toBeNull();
  });

  test("is the newest while the sentence is being said, and stays if it is kept", () => {
    const { photo, choice } = setUp("old");
    choice.keep(0);
    photo.caption.value = { kind: "running", words: [] };
    expect(choice.kept.value).toBeNull(); // another sentence
    photo.caption.value = { kind: "running", words: [word("a", 0)] };
    expect(shownText(choice)).toBe("a");
    photo.caption.value = { kind: "running", words: [word("a", 0), word("cat", 1)] };
    expect(shownText(choice)).toBe("cat");
    choice.keep(0);
    photo.caption.value = { kind: "done", caption: caption("a cat"), model: "Small" };
    expect(shownText(choice)).toBe("a");
  });

  test("is let go with its photo and its sentence", () => {
    const { chosen, choice } = setUp("a cat", "a dog runs far");
    choice.showSentence(1);
    choice.keep(3);
    expect(shownText(choice)).toBe("far");
    choice.showSentence(0);
    expect(choice.shown.value).toBeNull();
    choice.keep(1);
    chosen.value = described("two words");
    expect(choice.shown.value).toBeNull();
    chosen.value = null;
    expect(choice.words.value).toEqual([]);
  });

  test("makes room for the map of a class that is asked for", () => {
    const { asked, choice } = setUp("a cat");
    choice.keep(1);
    asked.value = "another";
    expect(choice.word.value).toBeNull();
  });

  test("lends its map the cell that is pointed at", () => {
    const { choice } = setUp("a cat");
    choice.pointAtCell(3);
    expect(choice.cell.value).toBeNull(); // the map of a class is shown
    choice.keep(0);
    expect(choice.cell.value).toBe(3);
  });
});

test("keys lead to the neighbours and the ends, never beyond them", () => {
  expect(["ArrowRight", "ArrowLeft", "Home", "End", "Enter"].map((key) => stepWord(key, 1, 4))).toEqual([
    2,
    0,
    0,
    3,
    null,
  ]);
  const keys = fc.constantFrom("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End");
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 30 }), fc.nat(29), (key, count, from) => {
      const next = stepWord(key, from % count, count);
      expect(next! >= 0 && next! < count).toBe(true);
    }),
  );
});

describe("playing", () => {
  const play = (sentence: string) => {
    vi.useFakeTimers();
    const { choice } = setUp(sentence);
    return { choice, player: createWordPlayer(choice) };
  };

  test("goes through every word once, then rests on the last", () => {
    const { choice, player } = play("a cat sleeps");
    const seen: (string | undefined)[] = [];
    player.toggle();
    for (let frame = 0; frame < 5; frame++) {
      seen.push(shownText(choice));
      vi.advanceTimersToNextTimer();
    }
    expect(seen).toEqual(["a", "cat", "sleeps", "sleeps", "sleeps"]);
    expect(player.playing.value).toBe(false);
    player.toggle();
    expect([shownText(choice), player.playing.value]).toEqual(["a", true]);
    vi.useRealTimers();
  });

  test("ends when somebody chooses a word, or another sentence", () => {
    const { choice, player } = play("a cat sleeps");
    player.toggle();
    choice.keep(2);
    expect([shownText(choice), player.playing.value]).toEqual(["sleeps", false]);
    player.toggle();
    choice.showSentence(0);
    expect([choice.kept.value, player.playing.value]).toEqual([null, false]);
    vi.useRealTimers();
  });

  test("step by step comes round to the first word again", () => {
    const { choice, player } = play("a cat");
    const seen = [1, 2, 3].map(() => {
      player.step();
      return shownText(choice);
    });
    expect(seen).toEqual(["a", "cat", "a"]);
    vi.useRealTimers();
  });
});
