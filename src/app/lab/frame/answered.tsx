import type { ComponentChildren, VNode } from "preact";
import { FailureNote } from "../../components/failure-note.tsx";
import { describeFailure } from "../../state/failure.ts";
import { useWords } from "../state/lab-context.ts";
import { useAnswer, type Ask } from "../state/use-answer.ts";
import { frameWords } from "./words.ts";

type AnsweredProps<Q, A> = {
  readonly question: Q;
  readonly ask: Ask<Q, A>; // the same function every time
  readonly children: (answer: A) => ComponentChildren;
};

/** The worker's answer to a question once it is there, or why it is not. It stands inside an exhibit. */
export const Answered = <Q, A>({ question, ask, children }: AnsweredProps<Q, A>): VNode => {
  const words = useWords(frameWords);
  const { answer, failure, busy } = useAnswer(question, ask);
  if (failure !== null && !busy) return <LabFailure failure={failure} />;
  return (
    <div class="answered" aria-busy={busy}>
      {answer === null ? <p class="hint">{words.computing}</p> : children(answer)}
    </div>
  );
};

export const LabFailure = ({ failure }: { failure: unknown }): VNode => {
  const words = useWords(frameWords);
  const { code, detail } = describeFailure(failure);
  return <FailureNote failure={{ code, detail, title: words.failureTitle, advice: words.failureAdvice }} />;
};
