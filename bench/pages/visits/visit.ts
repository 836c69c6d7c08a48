/** What a page's visitor waits for, milliseconds since the page was asked for. */
export type Waited = {
  readonly ready: number;
  readonly answer: number;
  readonly best: number; // the answer: a class
};

/** The picture and the model that every page answers about. */
export const PICTURE = "/examples/lemon.jpg";
export const MODEL = "/models/vit-tiny-patch16-224";

/** Gets ready, answers as often as the address says, and tells when it was ready and when the first answer was there. */
export async function visit(getReady: () => Promise<() => Promise<number>>): Promise<void> {
  try {
    const answer = await getReady();
    const ready = performance.now();
    const best = await answer();
    const waited: Waited = { ready, answer: performance.now(), best };
    const more = Number(new URL(location.href).searchParams.get("answers") ?? 1) - 1;
    for (let count = 0; count < more; count++) await answer();
    Object.assign(globalThis, { told: waited });
  } catch (error) {
    Object.assign(globalThis, {
      told: { failed: error instanceof Error ? (error.stack ?? error.message) : String(error) },
    });
  }
}
