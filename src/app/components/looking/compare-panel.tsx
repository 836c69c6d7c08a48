import { useComputed, type ReadonlySignal } from "@preact/signals";
import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { Heat } from "../../../index.ts";
import type { FittedChoice } from "../../state/looking/fit-view.ts";
import type { Other } from "../../state/looking/comparison.ts";
import { drawingOf } from "../../state/looking/look-view.ts";
import { METHOD_WORDS, methodsOf } from "../../state/looking/methods.ts";
import type { Subject } from "../../state/looking/subject.ts";
import type { Photo } from "../../state/photo.ts";
import { useApp } from "../app-context.ts";
import { LookOutcome } from "./look-outcome.tsx";
import { OverlayView } from "./overlay-view.tsx";
import { usePicture } from "./use-picture.ts";

/** The map beside another: of another method, or of another photo. */
export const ComparePanel = (): VNode | null => {
  const { looking, comparison } = useApp();
  const here = { subject: looking.subject.value, choice: looking.choice.value };
  const there = { subject: comparison.subject.value, choice: comparison.choice.value };
  if (!here.subject || !here.choice) return null;
  return (
    <div class="compare">
      <OtherField subject={here.subject} choice={here.choice} />
      <LookOutcome map={comparison.map} />
      {there.subject && there.choice && (
        <div class="compare-pair">
          <Side key={here.subject.photo.id} subject={here.subject} choice={here.choice} heat={looking.heat} />
          <Side
            key={`other ${there.subject.photo.id}`}
            subject={there.subject}
            choice={there.choice}
            heat={comparison.heat}
            testId="overlay-other"
          />
        </div>
      )}
    </div>
  );
};

type OtherFieldProps = { readonly subject: Subject; readonly choice: FittedChoice };

const OtherField = ({ subject, choice }: OtherFieldProps): VNode => {
  const { comparison, photos } = useApp();
  const id = useId();
  const methods = methodsOf(subject.model).filter((method) => method !== choice.method);
  const others = photos.list.value.filter((photo) => photo !== subject.photo && photo.state.value.kind === "done");
  const take = (value: string): void => {
    const method = methods.find((each) => `method ${each}` === value);
    const photo = others.find((each) => `photo ${each.id}` === value);
    if (method) comparison.compareWith({ kind: "method", method });
    else comparison.compareWith(photo ? { kind: "photo", photo } : null);
  };
  return (
    <div class="choice">
      <label for={id}>With</label>
      <select
        id={id}
        data-testid="compare-with"
        value={valueOf(comparison.other.value)}
        onChange={(event) => take(event.currentTarget.value)}
      >
        <option value="">Nothing</option>
        <optgroup label="Another method">
          {methods.map((method) => (
            <option key={method} value={`method ${method}`}>
              {METHOD_WORDS[method].title}
            </option>
          ))}
        </optgroup>
        {others.length > 0 && <optgroup label="Another photo">{others.map(photoOption)}</optgroup>}
      </select>
    </div>
  );
};

const photoOption = (photo: Photo): VNode => (
  <option key={photo.id} value={`photo ${photo.id}`}>
    {photo.name}
  </option>
);

const valueOf = (other: Other | null): string => {
  if (!other) return "";
  return other.kind === "method" ? `method ${other.method}` : `photo ${other.photo.id}`;
};

type SideProps = OtherFieldProps & { readonly heat: ReadonlySignal<Heat | null>; readonly testId?: string };

const Side = ({ subject, choice, heat, testId = "overlay-this" }: SideProps): VNode => {
  const { looking } = useApp();
  const picture = usePicture(subject.photo);
  const drawing = useComputed(() => drawingOf(looking.view.value));
  const cell = useComputed(() => (typeof looking.choice.value?.query === "number" ? looking.choice.value.query : null));
  return (
    <figure class="side">
      <OverlayView picture={picture} heat={heat} drawing={drawing} cell={cell} testId={testId} />
      <figcaption>
        {METHOD_WORDS[choice.method].title}
        <span class="hint">{subject.photo.name}</span>
      </figcaption>
    </figure>
  );
};
