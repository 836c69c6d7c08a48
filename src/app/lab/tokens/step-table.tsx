import type { VNode } from "preact";
import type { TokenStep, TokenStepName } from "../../../../worker/contract/lab.ts";
import { formatNumber } from "../frame/format-number.ts";
import { pictureWords } from "../picture/words.ts";
import { useWords } from "../state/lab-context.ts";
import type { Followed } from "./follow.ts";
import { tokenWords } from "./words.ts";

const SHOWN = 4; // numbers of a row; more would not fit

/** Where the parts of the way begin. */
const PARTS = [
  ["intoModel", ["pixels", "embedded", "position"]],
  ["attention", ["input", "normBefore", "query", "key", "value", "heads", "output", "attended"]],
  ["mlp", ["normAfter", "expanded", "activated", "contracted", "result"]],
] as const satisfies readonly (readonly [string, readonly TokenStepName[]])[];

/** Every step of one token: the shape of all tokens there, its own length and first numbers. */
export const StepTable = ({ followed }: { followed: Followed }): VNode => {
  const words = useWords(tokenWords);
  const shared = useWords(pictureWords);
  const { steps, grid, prefixTokens, token, layer } = followed;
  const cell = token - prefixTokens;
  const place = cell < 0 ? null : shared.place((cell % grid.width) + 1, Math.floor(cell / grid.width) + 1);
  const caption = words.followed(place, layer + 1);
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={caption}>
      <table class="matrix word-table step-table" data-testid="token-steps">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.step}</th>
            <th scope="col">{words.shape}</th>
            <th scope="col">{words.norm}</th>
            <th scope="col">{words.values}</th>
          </tr>
        </thead>
        {PARTS.map(([part, names]) => (
          <tbody key={part}>
            <tr>
              <th scope="rowgroup" colSpan={4} class="step-part">
                {words[part]}
              </th>
            </tr>
            {names.map((name) => {
              const step = steps.find((each) => each.name === name);
              return step && <StepRow key={name} step={step} followed={followed} />;
            })}
          </tbody>
        ))}
      </table>
    </div>
  );
};

const HEADED: readonly TokenStepName[] = ["query", "key", "value", "heads"];

const StepRow = ({ step, followed }: { step: TokenStep; followed: Followed }): VNode => {
  const words = useWords(tokenWords);
  const { name, shape, values, norm } = step;
  const heads = followed.looked.length;
  const ofClass = name === "embedded" && followed.token < followed.prefixTokens;
  return (
    <tr data-step={name}>
      <th scope="row">
        {ofClass ? words.classLearned : words.steps[name]}
        {HEADED.includes(name) && <span class="hint"> {words.heads(heads, values.length / heads)}</span>}
      </th>
      <td>{shape.join(" × ")}</td>
      <td>{formatNumber(norm)}</td>
      <td>{[...values.subarray(0, SHOWN)].map(formatNumber).join("  ")}</td>
    </tr>
  );
};
