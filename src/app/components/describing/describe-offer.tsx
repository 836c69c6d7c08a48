import type { VNode } from "preact";
import { useApp } from "../app-context.ts";
import { CardButton } from "../card-button.tsx";
import { FailureNote } from "../failure-note.tsx";

/** Has photos described from now on, by the captioner that comes with the page. */
export const DescribeOffer = (): VNode | null => {
  const { models } = useApp();
  const describer = models.describer.value;
  const state = models.describerState.value;
  if (!describer) return null;
  if (state.kind === "loading") return <p class="hint">Getting ready to describe</p>;
  const load = (): void => void models.load(describer);
  if (state.kind === "failed") {
    return (
      <FailureNote failure={state.failure}>
        <CardButton onPress={load}>Try again</CardButton>
      </FailureNote>
    );
  }
  return (
    <>
      <div class="caption-tools">
        <CardButton look="button" testId="describe" onPress={load}>
          Say it in a sentence
        </CardButton>
        <p class="hint">{describer.size}, once</p>
      </div>
      <p class="hint">{describer.summary}</p>
    </>
  );
};
