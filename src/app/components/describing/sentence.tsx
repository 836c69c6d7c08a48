import { useSignal } from "@preact/signals";
import { Fragment, type TargetedKeyboardEvent, type VNode } from "preact";
import type { CaptionWord } from "../../../index.ts";
import { formatPercent } from "../../format.ts";
import { stepWord } from "../../state/describing/word-choice.ts";
import type { Photo } from "../../state/photo.ts";
import { useApp } from "../app-context.ts";

type SentenceProps = {
  readonly photo: Photo;
  readonly open: boolean; // the photo is the one that is looked into
  readonly words: readonly CaptionWord[];
  readonly unfinished?: boolean;
};

/** A sentence whose words can be pointed at, reached by arrow keys, and chosen; one of them is in the tab order. */
export const Sentence = ({ photo, open, words, unfinished = false }: SentenceProps): VNode => {
  const { words: choice, looking } = useApp();
  const reached = useSignal(0);
  const kept = open ? choice.kept.value : null;
  const shown = open ? choice.shown.value : null;
  const inTabOrder = Math.min(kept ?? reached.value, words.length - 1);

  const reach = (index: number): void => {
    reached.value = index;
    if (open) keep(index);
  };
  const keep = (index: number): void => {
    choice.keep(index);
    if (looking.view.peek().opacity === 0) looking.toggleMap();
  };
  const choose = (index: number, button: HTMLElement): void => {
    if (!open) {
      looking.choose(photo);
      requestAnimationFrame(() => button.closest("li")?.scrollIntoView({ block: "nearest" })); // at its new size
    }
    keep(index);
  };
  const step = (event: TargetedKeyboardEvent<HTMLElement>): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Escape" && kept !== null) choice.keep(null);
    else {
      const next = stepWord(event.key, inTabOrder, words.length);
      if (next === null) return;
      event.currentTarget.querySelectorAll("button")[next]?.focus();
    }
    event.preventDefault(); // neither scrolls the page nor cancels what is under way
  };

  return (
    <div
      class="caption"
      data-testid="caption"
      data-unfinished={unfinished}
      role="toolbar"
      aria-label={`In words: ${words.map(({ text }) => text).join(" ")}`}
      onKeyDown={step}
      onPointerLeave={() => choice.pointAt(null)}
    >
      {words.map(({ text, probability }, index) => (
        <Fragment key={index}>
          {index > 0 && " "}
          <button
            type="button"
            class="caption-word"
            data-testid="caption-word"
            data-probability={probability}
            data-shown={index === shown}
            aria-pressed={index === kept}
            tabIndex={index === inTabOrder ? 0 : -1}
            title={formatPercent(probability)}
            onPointerMove={({ pointerType }) => open && pointerType === "mouse" && choice.pointAt(index)}
            onFocus={() => reach(index)}
            onClick={({ currentTarget }) => choose(index, currentTarget)}
          >
            {text || "·"}
          </button>
        </Fragment>
      ))}
      {unfinished && <span class="caret" aria-hidden="true" />}
    </div>
  );
};
