import type { VNode } from "preact";
import type { LessonPlan } from "../../../../worker/contract/lab.ts";
import { useWords } from "../state/lab-context.ts";
import type { LessonPair } from "../state/lesson-pair.ts";
import { LabFailure } from "./answered.tsx";
import { LineChart } from "./line-chart.tsx";
import { frameWords } from "./words.ts";

type TrainingPanelProps = {
  readonly pair: LessonPair;
  readonly names: readonly [string, string];
  readonly plans: readonly [LessonPlan, LessonPlan];
  readonly testId: string;
};

/** Starts and stops the training of two models, and shows how they come along. */
export const TrainingPanel = ({ pair, names, plans, testId }: TrainingPanelProps): VNode => {
  const words = useWords(frameWords);
  const phase = pair.phase.value;
  const reports = pair.reports.value;
  const last = reports[0].at(-1);
  const begun = reports[0].length > 1 && reports[1].length > 1;
  return (
    <div class="training">
      {phase === "idle" ? (
        <button
          type="button"
          class="button button-main"
          data-testid={`${testId}-train`}
          onClick={() => void pair.train(plans)}
        >
          {words.train}
        </button>
      ) : (
        <button
          type="button"
          class="button"
          data-testid={`${testId}-stop`}
          disabled={phase === "examining"}
          onClick={() => pair.stop()}
        >
          {phase === "examining" ? words.computing : words.stop}
        </button>
      )}
      {phase !== "idle" && (
        <>
          <progress aria-label={words.train} value={last?.update ?? 0} max={last?.of ?? 1} />
          <p class="hint">{words.heldOffScreen}</p>
        </>
      )}
      {last && (
        <p>
          {words.update} <strong data-testid={`${testId}-update`}>{last.update}</strong> / {last.of}
        </p>
      )}
      {pair.failure.value !== null && <LabFailure failure={pair.failure.value} />}
      {begun && (
        <LineChart
          title={words.loss}
          x={words.update}
          y={words.loss}
          series={names.map((name, at) => ({
            name,
            points: reports[at as 0 | 1].map(({ update, loss }) => [update, loss]),
          }))}
        />
      )}
    </div>
  );
};
