import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { ReachQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField } from "../frame/fields.tsx";
import { LineChart } from "../frame/line-chart.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { reachWords } from "./words.ts";

const READERS = ["rnn", "gru", "lstm", "attention"] as const;
const FIELDS = { length: [4, 48, 4], width: [8, 64, 8], keepBias: [0, 4, 0.5] } as const;

const measure = (lab: Lab, job: number, question: ReachQuestion) => lab.measureReach(job, question);

/** Gradient norm against distance for four ways to read a sequence. */
export const ReachExhibit = (): VNode => {
  const words = useWords(reachWords);
  const [question, setQuestion] = useState<ReachQuestion>({ length: 24, width: 32, keepBias: 2, seed: 1 });
  const labels = { length: words.length, width: words.width, keepBias: words.keep };
  return (
    <Exhibit
      id="reach"
      title={words.title}
      text={words.text}
      tex={
        "\\frac{\\partial h_T}{\\partial x_t}=\\frac{\\partial h_t}{\\partial x_t}\\prod_{s=t+1}^{T}\\frac{\\partial h_s}{\\partial h_{s-1}}"
      }
    >
      <div class="lab-controls">
        {(["length", "width", "keepBias"] as const).map((name) => (
          <RangeField
            key={name}
            label={labels[name]}
            testId={`reach-${name}`}
            value={question[name]}
            min={FIELDS[name][0]}
            max={FIELDS[name][1]}
            step={FIELDS[name][2]}
            onChange={(value) => setQuestion((old) => ({ ...old, [name]: value }))}
          />
        ))}
      </div>
      <Answered question={question} ask={measure}>
        {(reach) => (
          <LineChart
            title={words.chart}
            x={words.distance}
            y={words.norm}
            logY={10}
            series={READERS.map((reader) => ({
              name: words[reader],
              points: reach[reader].map((norm, distance) => [distance, norm]),
            }))}
            testId="reach-chart"
          />
        )}
      </Answered>
    </Exhibit>
  );
};
