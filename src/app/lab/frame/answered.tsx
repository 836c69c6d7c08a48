import type { ComponentChildren, VNode } from "preact";
import { FailureNote } from "../../components/failure-note.tsx";
import { describeFailure } from "../../state/failure.ts";
import { useWords } from "../state/lab-context.ts";
import { useAnswer, type Ask } from "../state/use-answer.ts";
import { frameWords } from "./words.ts";

type AnsweredProps<Q, A> = {
  readonly question: Q;
  readonly ask: Ask<Q, A>; // the same function every time
  readonly waiting?: string; // what is said until the first answer
  readonly children: (answer: A) => ComponentChildren;
};

/** The worker's answer to a question once it is there, or why it is not. It stands inside an exhibit. */
export const Answered = <Q, A>({ question, ask, waiting, children }: AnsweredProps<Q, A>): VNode => {
  const words = useWords(frameWords);
  const { answer, failure, busy, retry } = useAnswer(question, ask);
  if (failure !== null && !busy) {
    return (
      <LabFailure failure={failure}>
        <button type="button" class="button button-quiet" onClick={retry}>
          {words.again}
        </button>
      </LabFailure>
    );
  }
  return (
    <div class="answered" aria-busy={busy}>
      {answer === null ? <p class="hint">{waiting ?? words.computing}</p> : children(answer)}
    </div>
  );
};

type LabFailureProps = { readonly failure: unknown; readonly children?: ComponentChildren };

export const LabFailure = ({ failure, children }: LabFailureProps): VNode => {
  const words = useWords(frameWords);
  const { code, detail } = describeFailure(failure);
  return <FailureNote failure={{ code, detail, ...words.failures[familyOf(code)] }}>{children}</FailureNote>;
};

const familyOf = (code: string): "picture" | "model" | "other" => {
  if (/^(image|picture)-/.test(code)) return "picture";
  return /^(source|config|safetensors|weights|checkpoint)-/.test(code) ? "model" : "other";
};
