import type { VNode } from "preact";
import { useWords } from "../state/lab-context.ts";
import { attentionWords } from "./words.ts";

type Matrix = readonly (readonly number[])[];

type MatrixFieldProps = {
  readonly name: string; // of a row
  readonly letter: string;
  readonly matrix: Matrix;
  readonly onChange: (matrix: Matrix) => void;
};

const LARGEST = 100; // what softmax still tells apart

/** Vectors to edit, a row each. What is no number leaves the vector as it was. */
export const MatrixField = ({ name, letter, matrix, onChange }: MatrixFieldProps): VNode => {
  const words = useWords(attentionWords);
  const edit = (row: number, column: number, value: number): void =>
    onChange(matrix.map((vector, at) => (at === row ? vector.map((old, i) => (i === column ? value : old)) : vector)));
  return (
    <fieldset class="matrix-field">
      <legend>{name}</legend>
      {matrix.map((vector, row) => (
        <div class="matrix-field-row" key={row}>
          <span aria-hidden="true">
            {letter}
            <sub>{row + 1}</sub>
          </span>
          {vector.map((value, column) => (
            <input
              key={column}
              type="number"
              step="0.5"
              min={-LARGEST}
              max={LARGEST}
              defaultValue={value} // while "1." is typed it is 1, and must stay as it stands
              aria-label={`${name} ${row + 1}, ${words.number} ${column + 1}`}
              data-testid={`${letter}-${row}-${column}`}
              onInput={({ currentTarget: { valueAsNumber } }) => {
                if (Math.abs(valueAsNumber) <= LARGEST) edit(row, column, valueAsNumber);
              }}
            />
          ))}
        </div>
      ))}
    </fieldset>
  );
};
