import type { VNode } from "preact";
import { useId } from "preact/hooks";

type ChoiceFieldProps = {
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, title: string])[];
  readonly onChange: (value: string) => void;
};

/** A labelled list to choose from. */
export const ChoiceField = ({ label, testId, value, options, onChange }: ChoiceFieldProps): VNode => {
  const id = useId();
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select id={id} data-testid={testId} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map(([each, title]) => (
          <option key={each} value={each}>
            {title}
          </option>
        ))}
      </select>
    </div>
  );
};
