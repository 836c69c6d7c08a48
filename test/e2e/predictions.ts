import type { Locator } from "playwright";

export type ShownPrediction = { readonly label: string; readonly score: number; readonly text: string };

/** What one list of predictions shows, once it is there. */
export async function shownPredictions(list: Locator): Promise<ShownPrediction[]> {
  await list.waitFor();
  return list.locator("[data-label]").evaluateAll((items) =>
    items.map((item) => ({
      label: item.getAttribute("data-label") ?? "",
      score: Number(item.getAttribute("data-score")),
      text: item.textContent,
    })),
  );
}
