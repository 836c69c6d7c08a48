import type { ComponentChildren, VNode } from "preact";

type CardButtonProps = {
  readonly look?: string; // its classes
  readonly testId?: string;
  readonly label?: string; // what it does, for a screen reader, where its text alone does not tell
  readonly onPress: () => void;
  readonly children: ComponentChildren;
};

/** A button of a photo's card that is gone once it is pressed: the keyboard goes on at the card. */
export const CardButton = ({
  look = "button button-quiet",
  testId,
  label,
  onPress,
  children,
}: CardButtonProps): VNode => (
  <button
    type="button"
    class={look}
    data-testid={testId}
    aria-label={label}
    onClick={({ currentTarget }) => {
      currentTarget.closest<HTMLElement>(".photo")?.focus({ preventScroll: true });
      onPress();
    }}
  >
    {children}
  </button>
);
