/** With any of these the reader goes on alone. */
const OWN_MOVES = ["wheel", "touchstart", "pointerdown", "keydown"] as const;

/**
 * Keeps what the address names (`lab.html#heads`) at the top of the screen while the page around it still loads and
 * grows, until the reader moves. The browser looks for it once only, and here before there is one.
 */
export function holdAddressed(page: HTMLElement): void {
  let held = true;
  const hold = (): void => {
    // the address tells at once, the event later: what was addressed before must not be gone back to in between
    if (held) document.getElementById(location.hash.slice(1))?.scrollIntoView({ behavior: "instant" });
  };
  new ResizeObserver(hold).observe(page); // and once at first
  addEventListener("hashchange", () => (held = true));
  for (const move of OWN_MOVES) addEventListener(move, () => (held = false), { passive: true });
}
