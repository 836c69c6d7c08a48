import type { VNode } from "preact";
import { wordsOf } from "../../state/describing/caption-state.ts";
import { isReadable, type Photo } from "../../state/photo.ts";
import { useApp } from "../app-context.ts";
import { CardButton } from "../card-button.tsx";
import { FailureNote } from "../failure-note.tsx";
import { DescribeOffer } from "./describe-offer.tsx";
import { MoreSentences } from "./more-sentences.tsx";
import { Sentence } from "./sentence.tsx";
import { WordPanel } from "./word-panel.tsx";

type PhotoProps = { readonly photo: Photo; readonly open: boolean };

/** What a captioner says of a photo in words, or how to have it said. */
export const CaptionPart = ({ photo, open }: PhotoProps): VNode | null => {
  const { models } = useApp();
  if (!isReadable(photo)) return null;
  const ready = models.describerState.value.kind === "ready";
  if (!open && !ready) return null;
  return (
    <section class="caption-part" aria-label="In words">
      {ready ? <CaptionAnswer photo={photo} open={open} /> : <DescribeOffer />}
      {ready && open && <MoreSentences />}
    </section>
  );
};

const CaptionAnswer = ({ photo, open }: PhotoProps): VNode | null => {
  const { captions, words } = useApp();
  const state = photo.caption.value;
  const again = (
    <CardButton label={`Describe ${photo.name} again`} onPress={() => captions.retry(photo)}>
      Try again
    </CardButton>
  );
  switch (state.kind) {
    case "waiting":
      return photo.state.value.kind === "done" ? <p class="hint">Waiting for its sentence</p> : null;
    case "running":
      return (
        <>
          {state.words.length > 0 ? (
            <Sentence photo={photo} open={open} words={state.words} unfinished />
          ) : (
            <p class="caption hint">
              Looking for words <span class="caret" aria-hidden="true" />
            </p>
          )}
          <div class="caption-tools">
            <CardButton
              testId="caption-cancel"
              label={`Cancel describing ${photo.name}`}
              onPress={() => captions.cancel(photo)}
            >
              Cancel
            </CardButton>
          </div>
        </>
      );
    case "failed":
      return <FailureNote failure={state.failure}>{again}</FailureNote>;
    case "cancelled":
      return (
        <div class="photo-state">
          <p>No sentence: cancelled</p>
          {again}
        </div>
      );
    case "done":
      return (
        <>
          <Sentence photo={photo} open={open} words={wordsOf(state, open ? words.sentence.value : 0)} />
          {open && <WordPanel />}
        </>
      );
  }
};
