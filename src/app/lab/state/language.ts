import { effect, signal, type Signal } from "@preact/signals";

export type Language = "en" | "ko";

/** The same texts in every language; one that is missing is a type error. */
export type InBoth<Words> = Readonly<Record<Language, Words>>;

const KEPT_AS = "patchlight-lab-language"; // in localStorage

const isLanguage = (text: string | null): text is Language => text === "en" || text === "ko";

/** The address's choice, or the one made last time, or the browser's language. */
export const firstLanguage = (search: string, kept: string | null, browser: string): Language => {
  const asked = new URLSearchParams(search).get("lang");
  if (isLanguage(asked)) return asked;
  if (isLanguage(kept)) return kept;
  return browser.startsWith("ko") ? "ko" : "en";
};

/** The page's language; a change is kept, told to the document, and stands in the address. */
export const createLanguage = (): Signal<Language> => {
  const language = signal(firstLanguage(location.search, readKept(), navigator.language));
  effect(() => void (document.documentElement.lang = language.value));
  let first = true;
  effect(() => {
    const chosen = language.value;
    if (!first) remember(chosen);
    first = false;
  });
  return language;
};

/** Browsers may forbid storage. */
const readKept = (): string | null => {
  try {
    return localStorage.getItem(KEPT_AS);
  } catch {
    return null;
  }
};

const remember = (language: Language): void => {
  const address = new URL(location.href);
  address.searchParams.set("lang", language);
  history.replaceState(history.state, "", address);
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // then the address alone knows
  }
};
