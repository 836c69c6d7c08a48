/** Where the keyboard goes on once what it was at is gone. */
export const intake = (): HTMLElement | null => document.querySelector<HTMLElement>("main input");

export const focusIntake = (): void => intake()?.focus();
