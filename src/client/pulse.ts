/** How often a worker that owes an answer is asked for a sign of life. */
const PING_EVERY = 10_000; // milliseconds

/** Unanswered pings in a row after which a worker counts as dead: one step of its work may take long on a slow machine. */
const PATIENCE = 6;

/**
 * Watches a worker while it owes answers: one in an endless loop, or that closed itself, tells nobody.
 * Pings are counted, not timed, since browsers slow the timers of hidden pages.
 */
export class Pulse {
  #timer: ReturnType<typeof setInterval> | null = null;

  constructor(
    readonly ping: () => Promise<unknown>,
    readonly onSilence: () => void,
    readonly every: number = PING_EVERY,
  ) {}

  begin(): void {
    if (this.#timer !== null) return;
    let unanswered = 0;
    this.#timer = setInterval(() => {
      if (unanswered === PATIENCE) return this.onSilence();
      unanswered += 1;
      void this.ping().then(() => (unanswered = 0));
    }, this.every);
  }

  end(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
  }
}
