import type { VNode } from "preact";
import type { CaptionWord } from "../../../index.ts";
import { formatPercent } from "../../format.ts";
import { useApp } from "../app-context.ts";
import { CardButton } from "../card-button.tsx";
import { PlayButton } from "../looking/play-button.tsx";

/** The way through the words of a sentence, and what the model could have said in place of the one that is kept. */
export const WordPanel = (): VNode => {
  const { words, wordPlayer } = useApp();
  const kept = words.kept.value;
  const word = kept === null ? undefined : words.words.value[kept];
  return (
    <>
      <div class="caption-tools">
        <PlayButton player={wordPlayer} testId="play-words" label="Play the words" next="Next word" />
        {word && (
          <CardButton testId="word-back" onPress={() => words.keep(null)}>
            Stop showing “{word.text}”
          </CardButton>
        )}
      </div>
      {word ? (
        <Alternatives word={word} />
      ) : (
        <p class="hint">
          <span class="by-mouse">Point at a word</span>
          <span class="by-touch">Tap a word</span> to see where it looked.
        </p>
      )}
    </>
  );
};

const Alternatives = ({ word: { text, probability, alternatives } }: { word: CaptionWord }): VNode => (
  <div class="alternatives">
    <p class="hint">
      “{text}”, {formatPercent(probability)} sure. It could have said:
    </p>
    <ol class="predictions" data-testid="alternatives" aria-label={`What it could have said for “${text}”`}>
      {alternatives.map((other, rank) => (
        <li key={rank} data-word={other.text} data-probability={other.probability} data-said={other.text === text}>
          <span class="prediction-label">{other.text || "the end"}</span>
          <span class="prediction-score">{formatPercent(other.probability)}</span>
          <span class="prediction-bar" aria-hidden="true" style={{ "--score": other.probability }} />
        </li>
      ))}
    </ol>
  </div>
);
