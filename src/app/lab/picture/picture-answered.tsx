import type { ComponentChildren, VNode } from "preact";
import { useCallback } from "preact/hooks";
import type { JobId } from "../../../../worker/contract/api.ts";
import type { LabPicture } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { useLab, useWords } from "../state/lab-context.ts";
import type { GivenPicture } from "../state/lab-pictures.ts";
import type { Lab } from "../state/lab-worker.ts";
import { pictureWords } from "./words.ts";

type Question = Readonly<Record<string, number>>;

/** The same function every time. */
export type AskPicture<Q, A> = (lab: Lab, job: JobId, picture: LabPicture, question: Q) => Promise<A>;

type PictureAnsweredProps<Q, A> = {
  readonly question: Q;
  readonly ask: AskPicture<Q, A>;
  readonly children: (answer: A, picture: GivenPicture) => ComponentChildren; // the picture that it is about
};

/** What the worker says of the picture in use. */
export const PictureAnswered = <Q extends Question, A>(props: PictureAnsweredProps<Q, A>): VNode | null => {
  const { pictures } = useLab();
  const words = useWords(pictureWords);
  const picture = pictures.current.value;
  if (picture) return <AnsweredOf {...props} picture={picture} />;
  if (pictures.failure.value !== null) return null; // told beside the choice of pictures
  return (
    <div class="answered" aria-busy>
      <p class="hint">{words.loading}</p>
    </div>
  );
};

type AnsweredOfProps<Q, A> = PictureAnsweredProps<Q, A> & { readonly picture: GivenPicture };

const AnsweredOf = <Q extends Question, A>({ question, ask, children, picture }: AnsweredOfProps<Q, A>): VNode => {
  const words = useWords(pictureWords);
  const askOf = useCallback(
    async (lab: Lab, job: JobId, asked: Q & { picture: number }) => {
      const { id, content } = picture; // its canvas cannot leave the page
      return { about: picture, answer: await ask(lab, job, { id, content }, asked) };
    },
    [picture, ask],
  );
  return (
    <Answered question={{ ...question, picture: picture.id }} ask={askOf} waiting={words.loading}>
      {({ about, answer }) => children(answer, about)}
    </Answered>
  );
};
