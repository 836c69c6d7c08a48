import type { VNode } from "preact";
import { formatScore } from "../../format.ts";
import { BEAMS, MAX_WORDS } from "../../state/describing/caption-search.ts";
import { useApp } from "../app-context.ts";
import { ChoiceField } from "../looking/choice-field.tsx";
import { Fold } from "../looking/fold.tsx";

/** The sentences that the search ended with, and how far it goes. */
export const MoreSentences = (): VNode => {
  const { words, captions } = useApp();
  const { beams, maxWords } = captions.search.value;
  return (
    <Fold title="Other sentences" testId="sentences">
      {words.sentences.value.length > 0 && <SentenceList />}
      <div class="fields">
        <ChoiceField
          label="Beams"
          testId="beams"
          value={String(beams)}
          options={BEAMS.map((each) => [String(each), each === 1 ? "1 (greedy)" : String(each)])}
          onChange={(value) => captions.change({ beams: Number(value) })}
        />
        <ChoiceField
          label="Words at most"
          testId="max-words"
          value={String(maxWords)}
          options={MAX_WORDS.map((each) => [String(each), String(each)])}
          onChange={(value) => captions.change({ maxWords: Number(value) })}
        />
      </div>
    </Fold>
  );
};

const SentenceList = (): VNode => {
  const { words } = useApp();
  return (
    <>
      <ol class="sentences" data-testid="sentence-list">
        {words.sentences.value.map(({ text, score }, index) => (
          <li key={index} data-score={score}>
            <button
              type="button"
              class="sentence"
              aria-pressed={index === words.sentence.value}
              onClick={() => words.showSentence(index)}
            >
              {text}
            </button>
            <span class="prediction-score">{formatScore(score)}</span>
          </li>
        ))}
      </ol>
      <p class="hint">Scores are mean log-probabilities of a word; nearer to 0 is likelier.</p>
    </>
  );
};
