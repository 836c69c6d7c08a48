import { expect, test } from "vitest";
import { takeTurns } from "../../../bench/measure/take-turns.ts";

test("everybody has one turn a round, and none always follows the same", async () => {
  const order: string[] = [];
  const entrants = ["a", "b", "c"].map((name) => ({
    name,
    take: async () => ({ turn: order.push(name) }),
  }));
  const samples = await takeTurns(entrants, 3);
  expect(order.join("")).toBe("abc" + "bca" + "cab");
  expect(samples.get("a")).toEqual({ turn: [1, 6, 8] });
  expect([...samples.keys()]).toEqual(["a", "b", "c"]);
});
