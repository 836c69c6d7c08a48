import type { VNode } from "preact";
import { formatNumber, isHidden } from "./format-number.ts";

type MatrixTableProps = {
  readonly caption: string;
  readonly rows: readonly (readonly number[])[];
  readonly rowNames: readonly string[];
  readonly columnNames: readonly string[];
  readonly shaded?: boolean; // by weight, 0 to 1
  readonly dense?: boolean; // colours alone for the eye, where there are many columns; ears get the numbers
  readonly testId?: string;
};

/** Numbers with the names of their rows and columns. */
export const MatrixTable = ({
  caption,
  rows,
  rowNames,
  columnNames,
  shaded = false,
  dense = false,
  testId,
}: MatrixTableProps): VNode => {
  const write = shaded ? formatWeight : formatNumber;
  return (
    <div class="matrix-place" tabIndex={0} role="group" aria-label={caption}>
      <table class={dense ? "matrix matrix-dense" : "matrix"} data-testid={testId}>
        <caption>{caption}</caption>
        <thead>
          <tr>
            <td />
            {columnNames.map((name, at) => (
              <th key={at} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, at) => (
            <tr key={at}>
              <th scope="row">{rowNames[at]}</th>
              {row.map((value, column) => (
                <td
                  key={column}
                  class={isHidden(value) ? "matrix-hidden" : shaded ? "matrix-weight" : ""}
                  style={shaded ? { "--weight": `${Math.round(value * 100)}%` } : {}}
                  title={dense ? write(value) : undefined}
                >
                  {dense ? <span class="visually-hidden">{write(value)}</span> : write(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};

/** A share of 1 with two decimals; what is hidden has none of it. */
const formatWeight = (weight: number): string => (weight === 0 ? "0" : weight.toFixed(2));
