/** Where the keyboard goes on once a button of a photo's card is gone: at its card. */
export const focusCard = ({ currentTarget }: { readonly currentTarget: Element }): void =>
  currentTarget.closest<HTMLElement>(".photo")?.focus({ preventScroll: true });
