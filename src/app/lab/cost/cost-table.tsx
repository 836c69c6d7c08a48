import type { VNode } from "preact";
import type { LayerCosts, LayerSizes } from "../../../../worker/contract/lab.ts";
import { formatNumber } from "../frame/format-number.ts";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { useAnswer } from "../state/use-answer.ts";
import { costWords } from "./words.ts";

type CostTableProps = { readonly costs: LayerCosts; readonly sizes: LayerSizes };

const KINDS = ["selfAttention", "recurrent", "convolution", "restrictedAttention"] as const;

/** Of each layer: order of operations, of steps, of the path. */
const FORMULAS = {
  selfAttention: ["n²·d", "1", "1"],
  recurrent: ["n·d²", "n", "n"],
  convolution: ["k·n·d²", "1", "logₖ n"],
  restrictedAttention: ["r·n·d", "1", "n/r"],
} as const;

const time = (lab: Lab, job: number, sizes: LayerSizes) => lab.timeLayers(job, sizes);

/** Formulas, what they come to, and the time one layer took. */
export const CostTable = ({ costs, sizes }: CostTableProps): VNode => {
  const words = useWords(costWords);
  const measured = useAnswer(sizes, time);
  const times = measured.busy ? null : measured.answer;
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={words.title}>
      <table class="matrix cost-table" data-testid="cost-table">
        <thead>
          <tr>
            {[words.layer, words.operations, words.sequential, words.path, words.measured].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {KINDS.map((kind) => {
            const { operations, sequentialSteps, longestPath } = costs[kind];
            const [first, second, third] = FORMULAS[kind];
            return (
              <tr key={kind}>
                <th scope="row">{words[kind]}</th>
                <Figure formula={first} value={operations.toLocaleString("en")} />
                <Figure formula={second} value={String(sequentialSteps)} />
                <Figure formula={third} value={formatNumber(longestPath)} />
                <td data-testid={`time-${kind}`}>
                  {kind === "restrictedAttention"
                    ? "–"
                    : times
                      ? `${times[kind].toFixed(2)} ${words.milliseconds}`
                      : "…"}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
};

const Figure = ({ formula, value }: { formula: string; value: string }): VNode => (
  <td>
    <span class="hint">{formula}</span> {value}
  </td>
);
