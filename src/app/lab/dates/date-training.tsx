import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { LessonPlan } from "../../../../worker/contract/lab.ts";
import { ChoiceField } from "../../components/looking/choice-field.tsx";
import { ExamTable } from "../frame/exam-table.tsx";
import { RangeField } from "../frame/fields.tsx";
import { LineChart } from "../frame/line-chart.tsx";
import { TrainingPanel } from "../frame/training-panel.tsx";
import { useWords } from "../state/lab-context.ts";
import { useLessonPair } from "../state/use-lesson-pair.ts";
import { OwnText } from "./own-text.tsx";
import { dateWords } from "./words.ts";

type Task = LessonPlan["task"];

/** Both models learn the same examples in the same order. */
const plansOf = (task: Task, updates: number): [LessonPlan, LessonPlan] => {
  const plan = { task, updates, heldOut: 1000, seed: 1, learning: null };
  return [
    { ...plan, model: "attention" },
    { ...plan, model: "no-attention" },
  ];
};

export const DateTraining = (): VNode => {
  const words = useWords(dateWords);
  const pair = useLessonPair();
  const [task, setTask] = useState<Task>("dates");
  const [learned, setLearned] = useState<Task>("dates"); // what the models in use were trained on
  const [updates, setUpdates] = useState(500);
  const names = [words.with, words.without] as const;
  const exams = pair.exams.value;
  const training = pair.phase.value !== "idle";
  if (training && learned !== task) setLearned(task);
  return (
    <>
      {!training && (
        <div class="lab-controls">
          <ChoiceField
            label={words.task}
            testId="task"
            value={task}
            options={[
              ["dates", words.dates],
              ["words", words.words],
            ]}
            onChange={(chosen) => setTask(chosen as Task)}
          />
          <RangeField
            label={words.updates}
            testId="updates"
            value={updates}
            min={100}
            max={1000}
            step={100}
            onChange={setUpdates}
          />
        </div>
      )}
      <TrainingPanel pair={pair} names={names} plans={plansOf(task, updates)} testId="dates" />
      <div class="lab-columns">
        <ExamTable pair={pair} names={names} testId="dates-exam" />
        {exams && (
          <LineChart
            title={words.byLength}
            x={words.length}
            y={words.share}
            series={names.map((name, at) => ({
              name,
              points: exams[at as 0 | 1].byLength.map(({ length, share }) => [length, share]),
            }))}
          />
        )}
      </div>
      <OwnText key={learned} task={learned} lessons={pair.lessons.value} />
    </>
  );
};
