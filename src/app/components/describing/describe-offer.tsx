import type { TargetedMouseEvent, VNode } from "preact";
import { useApp } from "../app-context.ts";
import { FailureNote } from "../failure-note.tsx";
import { focusCard } from "../focus-card.ts";

/** Has photos described from now on, by the captioner that comes with the page. */
export const DescribeOffer = (): VNode | null => {
  const { models } = useApp();
  const describer = models.describer.value;
  const state = models.describerState.value;
  if (!describer) return null;
  if (state.kind === "loading") return <p class="hint">Getting ready to describe</p>;
  const load = (event: TargetedMouseEvent<HTMLElement>): void => {
    focusCard(event);
    void models.load(describer);
  };
  if (state.kind === "failed") {
    return (
      <FailureNote failure={state.failure}>
        <button type="button" class="button button-quiet" onClick={load}>
          Try again
        </button>
      </FailureNote>
    );
  }
  return (
    <>
      <div class="caption-tools">
        <button type="button" class="button" data-testid="describe" onClick={load}>
          Say it in a sentence
        </button>
        <p class="hint">{describer.size}, once</p>
      </div>
      <p class="hint">{describer.summary}</p>
    </>
  );
};
