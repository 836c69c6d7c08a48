import type { VNode } from "preact";
import { formatPercent } from "../../format.ts";
import { useWords } from "../state/lab-context.ts";
import type { LessonPair } from "../state/lesson-pair.ts";
import { frameWords } from "./words.ts";

type ExamTableProps = { readonly pair: LessonPair; readonly names: readonly [string, string]; readonly testId: string };

/** What two models made of what they had never seen, after how many updates. */
export const ExamTable = ({ pair, names, testId }: ExamTableProps): VNode | null => {
  const words = useWords(frameWords);
  const exams = pair.exams.value;
  if (!exams) return null;
  const reports = pair.reports.value;
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={words.examined}>
      <table class="matrix" data-testid={testId}>
        <caption>{words.examined}</caption>
        <thead>
          <tr>
            <th scope="col">{words.model}</th>
            <th scope="col">{words.exactMatch}</th>
            <th scope="col">{words.update}</th>
          </tr>
        </thead>
        <tbody>
          {exams.map(({ exactMatch }, at) => (
            <tr key={names[at]}>
              <th scope="row">{names[at]}</th>
              <td>{formatPercent(exactMatch)}</td>
              <td>{reports[at as 0 | 1].length}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
