/** Names for a sentence: all of a few, the first of many. */
export const nameSome = (names: readonly string[], most = 6): string =>
  names.length > most ? `${names.slice(0, most).join(", ")} and ${names.length - most} more` : names.join(", ");
