import { useContext, useEffect, useState } from "preact/hooks";
import type { JobId } from "../../../../worker/contract/api.ts";
import { isAbortError } from "../../../../worker/contract/errors.ts";
import { useLab, VisibleContext } from "./lab-context.ts";
import type { Lab } from "./lab-worker.ts";

export type Ask<Q, A> = (lab: Lab, job: JobId, question: Q) => Promise<A>;

/** The latest answer stays while the next one is computed. */
type Answer<A> = {
  readonly answer: A | null;
  readonly failure: unknown;
  readonly busy: boolean;
  readonly retry: () => void;
};

const NONE = { asked: "", answer: null, failure: null } as const;

/**
 * Asks the worker whenever the question has changed and the exhibit is on screen; an earlier question still under way is
 * cancelled. `send` must be the same function every time.
 */
export function useAnswer<Q, A>(question: Q, send: Ask<Q, A>): Answer<A> {
  const { worker } = useLab();
  const visible = useContext(VisibleContext);
  const asked = JSON.stringify(question);
  const [known, setKnown] = useState<{ asked: string; answer: A | null; failure: unknown }>(NONE);
  const busy = known.asked !== asked;
  useEffect(() => {
    if (!visible || !busy) return;
    const stop = new AbortController();
    worker
      .ask((lab, job) => send(lab, job, JSON.parse(asked) as Q), { signal: stop.signal })
      .then(
        (answer) => setKnown({ asked, answer, failure: null }),
        (failure: unknown) => {
          if (!isAbortError(failure)) setKnown({ asked, answer: null, failure });
        },
      );
    return () => stop.abort();
  }, [asked, busy, send, visible, worker]);
  return { answer: known.answer, failure: known.failure, busy, retry: () => setKnown(NONE) };
}
