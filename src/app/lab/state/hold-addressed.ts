/** With any of these the reader goes on alone. */
const OWN_MOVES = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/**
 * Keeps what the address names (`lab.html#heads`) at the top of the screen while the page around it still loads and
 * grows, until the reader moves. The browser looks for it once only, and here before there is one.
 */
export function holdAddressed(page: HTMLElement): void {
  const addressed = (): HTMLElement | null => document.getElementById(location.hash.slice(1));
  let held = addressed();
  new ResizeObserver(() => held?.scrollIntoView({ behavior: "instant" })).observe(page); // and once at first
  addEventListener("hashchange", () => (held = addressed()));
  for (const move of OWN_MOVES) addEventListener(move, () => (held = null), { passive: true });
}
