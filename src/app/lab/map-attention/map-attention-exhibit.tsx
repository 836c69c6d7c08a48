import type { VNode } from "preact";
import { useState } from "preact/hooks";
import type { MapAttentionShown } from "../../../../worker/contract/lab.ts";
import { Exhibit } from "../frame/exhibit.tsx";
import { RangeField } from "../frame/fields.tsx";
import { PictureAnswered, type AskPicture } from "../picture/picture-answered.tsx";
import { PicturePanel } from "../picture/picture-panel.tsx";
import { useWords } from "../state/lab-context.ts";
import { MapAttentionView } from "./map-attention-view.tsx";
import { mapAttentionWords } from "./words.ts";

const show: AskPicture<{ gate: number }, MapAttentionShown> = (lab, job, picture, { gate }) =>
  lab.showMapAttention(job, picture, gate);

/** Self-attention of 1×1 convolutions between the stages of a CNN. */
export const MapAttentionExhibit = (): VNode => {
  const words = useWords(mapAttentionWords);
  const [gate, setGate] = useState(1);
  return (
    <Exhibit
      id="map-attention"
      title={words.title}
      text={words.text}
      tex={"y=x+\\gamma\\,W_O\\,\\text{softmax}\\left(\\frac{QK^{\\top}}{\\sqrt{d}}\\right)V"}
    >
      <PicturePanel testId="map-attention" />
      <div class="lab-controls">
        <RangeField label={words.gate} testId="gate" value={gate} min={0} max={2} step={0.25} onChange={setGate} />
      </div>
      <PictureAnswered question={{ gate }} ask={show}>
        {(shown, { canvas }) => <MapAttentionView shown={shown} photo={canvas} />}
      </PictureAnswered>
    </Exhibit>
  );
};
