import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { AttentionQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField, SwitchField } from "../frame/fields.tsx";
import { MatrixTable } from "../frame/matrix-table.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { waves } from "../state/waves.ts";
import { maskWords } from "./words.ts";

const TOKENS = 5;
const NAMES = Array.from({ length: TOKENS }, (_, at) => String(at + 1));
const [QUERIES, KEYS] = [waves(TOKENS, 4, 0.7), waves(TOKENS, 4, 1.1)];

const show = (lab: Lab, job: number, question: AttentionQuestion) => lab.showAttention(job, question);

/** Scores and weights of five tokens, some of them hidden. */
export const MaskExhibit = (): VNode => {
  const words = useWords(maskWords);
  const [causal, setCausal] = useState(true);
  const [real, setReal] = useState(TOKENS);
  const question = { queries: QUERIES, keys: KEYS, values: KEYS, scaled: true, causal, real };
  const names = { rowNames: NAMES, columnNames: NAMES };
  return (
    <Exhibit
      id="masks"
      title={words.title}
      text={words.text}
      tex={"\\text{softmax}\\left(\\frac{QK^{\\top}}{\\sqrt{d}}+M\\right)V"}
    >
      <div class="lab-controls">
        <SwitchField label={words.causal} testId="causal" checked={causal} onChange={setCausal} />
        <RangeField label={words.real} testId="real" value={real} min={1} max={TOKENS} onChange={setReal} />
      </div>
      <Answered question={question} ask={show}>
        {({ scores, masked, weights }) => (
          <div class="lab-columns">
            <MatrixTable caption={words.before} rows={scores} {...names} />
            <MatrixTable caption={words.masked} rows={masked} {...names} />
            <MatrixTable caption={words.weights} rows={weights} {...names} shaded testId="mask-weights" />
          </div>
        )}
      </Answered>
    </Exhibit>
  );
};
