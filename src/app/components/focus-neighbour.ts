/**
 * Whoever removes entries of a list with the keyboard goes on with the next one: at what `button` is there, or else, where
 * `from` is in the last entry, with what `otherwise` gives.
 */
export const focusNeighbour = (
  from: Element,
  button: string,
  otherwise: () => HTMLElement | null | undefined,
): void => {
  const entry = from.closest("li");
  const neighbour = entry?.nextElementSibling ?? entry?.previousElementSibling;
  (neighbour?.querySelector<HTMLElement>(button) ?? otherwise())?.focus();
};
