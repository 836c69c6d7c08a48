import type { VNode } from "preact";
import { useId } from "preact/hooks";

type RangeFieldProps = {
  readonly label: string;
  readonly testId: string;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly onChange: (value: number) => void;
};

/** A number on a slider, and what it is now. */
export const RangeField = ({ label, testId, value, min, max, step = 1, onChange }: RangeFieldProps): VNode => {
  const id = useId();
  return (
    <div class="lab-field">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        data-testid={testId}
        value={value}
        min={min}
        max={max}
        step={step}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <output for={id}>{value}</output>
    </div>
  );
};

type SwitchFieldProps = {
  readonly label: string;
  readonly testId: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
};

export const SwitchField = ({ label, testId, checked, onChange }: SwitchFieldProps): VNode => (
  <label class="lab-switch">
    <input
      type="checkbox"
      data-testid={testId}
      checked={checked}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
    {label}
  </label>
);
