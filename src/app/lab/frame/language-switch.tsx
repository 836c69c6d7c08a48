import type { VNode } from "preact";
import { useLab, useWords } from "../state/lab-context.ts";
import type { Language } from "../state/language.ts";
import { frameWords } from "./words.ts";

const NAMES: readonly (readonly [Language, string])[] = [
  ["en", "English"],
  ["ko", "한국어"],
];

/** Each language by its own name. */
export const LanguageSwitch = (): VNode => {
  const { language } = useLab();
  const words = useWords(frameWords);
  return (
    <div class="language-switch" role="group" aria-label={words.language}>
      {NAMES.map(([each, name]) => (
        <button
          key={each}
          type="button"
          class="button button-quiet"
          lang={each}
          aria-pressed={language.value === each}
          data-testid={`language-${each}`}
          onClick={() => (language.value = each)}
        >
          {name}
        </button>
      ))}
    </div>
  );
};
