import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { AttentionQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { SwitchField } from "../frame/fields.tsx";
import { MatrixTable } from "../frame/matrix-table.tsx";
import { frameWords } from "../frame/words.ts";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { MatrixField } from "./matrix-field.tsx";
import { SaturationPart } from "./saturation-part.tsx";
import { attentionWords } from "./words.ts";

const START: AttentionQuestion = {
  queries: [
    [2, 0],
    [0, 2],
    [1, 1],
  ],
  keys: [
    [2, 0],
    [0, 1],
    [-1, 1],
  ],
  values: [
    [10, 0],
    [0, 10],
    [5, 5],
  ],
  scaled: true,
  causal: false,
  real: null,
};

const show = (lab: Lab, job: number, question: AttentionQuestion) => lab.showAttention(job, question);

const named = (letter: string, rows: readonly unknown[]): string[] => rows.map((_, at) => `${letter}${at + 1}`);

/** Scaled dot-product attention on vectors to edit. */
export const AttentionExhibit = (): VNode => {
  const words = useWords(attentionWords);
  const { query, key, value } = useWords(frameWords);
  const [question, setQuestion] = useState(START);
  const change = (part: Partial<AttentionQuestion>): void => setQuestion((old) => ({ ...old, ...part }));
  const [queries, keys] = [named("q", question.queries), named("k", question.keys)];
  return (
    <Exhibit
      id="attention"
      title={words.title}
      text={words.text}
      tex={"\\text{softmax}\\left(\\frac{QK^{\\top}}{\\sqrt{d}}\\right)V"}
    >
      <div class="lab-columns">
        <MatrixField name={query} letter="q" matrix={question.queries} onChange={(queries) => change({ queries })} />
        <MatrixField name={key} letter="k" matrix={question.keys} onChange={(keys) => change({ keys })} />
        <MatrixField name={value} letter="v" matrix={question.values} onChange={(values) => change({ values })} />
      </div>
      <SwitchField
        label={words.scaled}
        testId="scaled"
        checked={question.scaled}
        onChange={(scaled) => change({ scaled })}
      />
      <Answered question={question} ask={show}>
        {({ products, scores, weights, mixed }) => (
          <div class="lab-columns lab-steps">
            <MatrixTable caption={words.products} rows={products} rowNames={queries} columnNames={keys} />
            <MatrixTable caption={words.scores} rows={scores} rowNames={queries} columnNames={keys} />
            <MatrixTable
              caption={words.weights}
              rows={weights}
              rowNames={queries}
              columnNames={keys}
              shaded
              testId="attention-weights"
            />
            <MatrixTable caption={words.mixed} rows={mixed} rowNames={queries} columnNames={["1", "2"]} />
          </div>
        )}
      </Answered>
      <SaturationPart />
    </Exhibit>
  );
};
