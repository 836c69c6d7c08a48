import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LessonPlan, WarmUpQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { sample } from "../frame/chart-scale.ts";
import { ExamTable } from "../frame/exam-table.tsx";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField } from "../frame/fields.tsx";
import { LineChart } from "../frame/line-chart.tsx";
import { TrainingPanel } from "../frame/training-panel.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { useLessonPair } from "../state/use-lesson-pair.ts";
import { warmUpWords } from "./words.ts";

const UPDATES = 400;
const POINTS = 200; // of the curve; it has no corner but one

/** Of the model that trains here, and what the paper's curve is multiplied by for it: it is small, and so are its batches. */
const TRAINED = { width: 64, rate: 0.4 } as const;

const compute = (lab: Lab, job: number, question: WarmUpQuestion) => lab.warmUpCurve(job, question);

/** The learning rate's rise and fall, and what becomes of a training without the rise. */
export const WarmUpExhibit = (): VNode => {
  const words = useWords(warmUpWords);
  const [width, setWidth] = useState<number>(TRAINED.width);
  const [warmup, setWarmup] = useState(100);
  return (
    <Exhibit
      id="warm-up"
      title={words.title}
      text={words.text}
      tex={"\\eta_t=d^{-1/2}\\min\\left(t^{-1/2},\\;t\\cdot w^{-3/2}\\right)"}
    >
      <div class="lab-controls">
        <RangeField
          label={words.width}
          testId="warm-up-width"
          value={width}
          min={16}
          max={1024}
          step={16}
          onChange={setWidth}
        />
        <RangeField
          label={words.warmup}
          testId="warm-up-updates"
          value={warmup}
          min={10}
          max={300}
          step={10}
          onChange={setWarmup}
        />
      </div>
      <Answered question={{ width, warmup, updates: UPDATES }} ask={compute}>
        {(rates) => (
          <LineChart
            title={words.curve}
            x={words.update}
            y={words.rate}
            series={[
              {
                name: words.rate,
                points: sample(
                  rates.map((rate, step) => [step + 1, rate] as const),
                  POINTS,
                ),
              },
            ]}
            testId="warm-up-chart"
          />
        )}
      </Answered>
      <WarmUpTraining warmup={warmup} />
    </Exhibit>
  );
};

const WarmUpTraining = ({ warmup }: { warmup: number }): VNode => {
  const words = useWords(warmUpWords);
  const pair = useLessonPair();
  const names = [words.with, words.without] as const;
  return (
    <>
      <TrainingPanel pair={pair} names={names} plans={[planOf(warmup), planOf(1)]} testId="warm-up" />
      <ExamTable pair={pair} names={names} testId="warm-up-exam" />
    </>
  );
};

const planOf = (warmup: number): LessonPlan => ({
  task: "dates",
  model: "transformer",
  updates: UPDATES,
  heldOut: 1000,
  seed: 1,
  learning: { rate: TRAINED.rate, schedule: { kind: "inverse-square-root", width: TRAINED.width, warmup } },
});
