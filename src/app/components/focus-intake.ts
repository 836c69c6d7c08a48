/** Where the keyboard goes on once what it was at is gone. */
export const focusIntake = (): void => document.querySelector<HTMLElement>("main input")?.focus();
