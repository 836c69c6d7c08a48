import type { VNode } from "preact";
import type { HeadMap } from "../../../../worker/contract/lab.ts";
import { useWords } from "../state/lab-context.ts";
import { headWords } from "./words.ts";

type BreadthTableProps = {
  readonly caption: string;
  readonly rows: readonly { readonly name: string; readonly map: HeadMap }[];
  readonly token: number; // the query
};

/** How sharply each map looks from one token. */
export const BreadthTable = ({ caption, rows, token }: BreadthTableProps): VNode => {
  const words = useWords(headWords);
  const tokens = rows[0]!.map.breadth.length;
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={caption}>
      <table class="matrix word-table" data-testid="heads-breadth">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">{words.map}</th>
            <th scope="col">{words.largest}</th>
            <th scope="col">{words.breadth(tokens)}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ name, map: { weights, breadth } }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{Math.max(...weights.subarray(token * tokens, (token + 1) * tokens)).toFixed(3)}</td>
              <td>{breadth[token]!.toFixed(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
