/** Names for one thing: the split that is held out to choose by. */
export const VALIDATION_NAMES: readonly string[] = ["val", "validation", "valid"];
