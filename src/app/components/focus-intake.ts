/** Where the keyboard goes on once the photo it was at is gone. */
export const focusIntake = (): void => document.querySelector<HTMLElement>("main input")?.focus();
