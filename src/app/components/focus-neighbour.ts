/**
 * Whoever removes entries of a list with the keyboard goes on with the next one: at what `control` is there, or else, where
 * `from` is in the last entry, with what `otherwise` gives.
 */
export const focusNeighbour = (
  from: Element,
  control: string,
  otherwise: () => HTMLElement | null | undefined,
): void => {
  const entry = from.closest("li");
  const neighbour = entry?.nextElementSibling ?? entry?.previousElementSibling;
  (neighbour?.querySelector<HTMLElement>(control) ?? otherwise())?.focus();
};
