import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { PermutationQuestion } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { SwitchField } from "../frame/fields.tsx";
import { formatNumber } from "../frame/format-number.ts";
import { MatrixTable } from "../frame/matrix-table.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { waves } from "../state/waves.ts";
import { positionWords } from "./words.ts";

const TOKENS = waves(4, 4, 0.9);
const NAMES = ["a", "b", "c", "d"];

/** In turn; none leaves every token where it was. */
const ORDERS = [
  [2, 0, 3, 1],
  [1, 0, 2, 3],
  [3, 2, 1, 0],
  [1, 2, 3, 0],
];

/** What float32 leaves of nothing. */
const SAME = 1e-5;

const permute = (lab: Lab, job: number, question: PermutationQuestion) => lab.permuteTokens(job, question);

/** Self-attention over the same tokens in two orders. */
export const PermutationPart = (): VNode => {
  const words = useWords(positionWords);
  const [turn, setTurn] = useState(0);
  const [positions, setPositions] = useState(false);
  const order = ORDERS[turn % ORDERS.length]!;
  const names = order.map((token) => NAMES[token]!);
  const columns = ["1", "2", "3", "4"];
  return (
    <>
      <div class="lab-controls">
        <button type="button" class="button" data-testid="shuffle" onClick={() => setTurn(turn + 1)}>
          {words.shuffle}
        </button>
        <p>
          {words.order}: <strong>{names.join(" ")}</strong>
        </p>
        <SwitchField label={words.add} testId="add-positions" checked={positions} onChange={setPositions} />
      </div>
      <Answered question={{ tokens: TOKENS, order, positions, seed: 3 }} ask={permute}>
        {({ permuted, reordered, difference }) => (
          <>
            <div class="lab-columns">
              <MatrixTable caption={words.permuted} rows={permuted} rowNames={names} columnNames={columns} />
              <MatrixTable caption={words.reordered} rows={reordered} rowNames={names} columnNames={columns} />
            </div>
            <p class="lab-verdict">
              {words.difference}: <strong data-testid="difference">{formatNumber(difference)}</strong>.{" "}
              {difference < SAME ? words.follows : words.differs}
            </p>
          </>
        )}
      </Answered>
    </>
  );
};
