import type { VNode } from "preact";
import type { HeadMaps } from "../../../../worker/contract/lab.ts";
import { formatPercent } from "../../format.ts";
import { useWords } from "../state/lab-context.ts";
import { headWords } from "./words.ts";

const RUNS = ["trained", "oneMapHere", "oneMapEverywhere"] as const;

/** What the model says with all its maps, and with fewer. */
export const AnswerTable = ({ answers }: Pick<HeadMaps, "answers">): VNode => {
  const words = useWords(headWords);
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={words.answers}>
      <table class="matrix word-table" data-testid="heads-answers">
        <caption>{words.answers}</caption>
        <thead>
          <tr>
            <th scope="col">{words.run}</th>
            <th scope="col">{words.answer}</th>
            <th scope="col">{words.score}</th>
            <th scope="col">{words.first(answers.trained.label)}</th>
          </tr>
        </thead>
        <tbody>
          {RUNS.map((run) => (
            <tr key={run}>
              <th scope="row">{words[run]}</th>
              <td lang="en">{answers[run].label}</td>
              <td>{formatPercent(answers[run].score)}</td>
              <td>{formatPercent(answers[run].first)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
