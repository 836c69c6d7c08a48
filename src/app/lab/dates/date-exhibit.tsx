import type { VNode } from "preact";
import { Exhibit } from "../frame/exhibit.tsx";
import { useWords } from "../state/lab-context.ts";
import { DateTraining } from "./date-training.tsx";
import { dateWords } from "./words.ts";

/** Sequence to sequence with and without attention, trained on the spot. */
export const DateExhibit = (): VNode => {
  const words = useWords(dateWords);
  return (
    <Exhibit id="dates" title={words.title} text={words.text} tex={"c_t=\\sum_s\\text{softmax}_s(q_t\\cdot h_s)\\,h_s"}>
      <DateTraining />
    </Exhibit>
  );
};
