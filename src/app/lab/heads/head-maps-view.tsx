import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { mapFromMatrix } from "../../../../worker/contract/attention-matrix.ts";
import type { HeadMap, HeadMaps } from "../../../../worker/contract/lab.ts";
import { formatPercent } from "../../format.ts";
import { RangeField, SwitchField } from "../frame/fields.tsx";
import { PatchChooser } from "../picture/patch-chooser.tsx";
import { PatchFigure } from "../picture/patch-figure.tsx";
import { pictureWords } from "../picture/words.ts";
import { useWords } from "../state/lab-context.ts";
import { AnswerTable } from "./answer-table.tsx";
import { BreadthTable } from "./breadth-table.tsx";
import { headWords } from "./words.ts";

type HeadMapsViewProps = {
  readonly maps: HeadMaps;
  readonly photo: HTMLCanvasElement | null;
  readonly layer: number;
  readonly onLayer: (layer: number) => void;
};

export const HeadMapsView = ({ maps, photo, layer, onLayer }: HeadMapsViewProps): VNode => {
  const words = useWords(headWords);
  const shared = useWords(pictureWords);
  const [kept, setKept] = useState<number | null>(null); // a patch; null: the class token
  const [pointed, setPointed] = useState<number | null>(null);
  const cell = pointed ?? kept;
  const { heads, mean, grid, prefixTokens, layers } = maps;
  const token = cell === null ? 0 : prefixTokens + cell;
  const named = [...heads.map((map, at) => ({ name: shared.head(at + 1), map })), { name: words.mean, map: mean }];
  const valuesOf = ({ weights }: HeadMap): Float32Array =>
    mapFromMatrix({ matrix: weights, prefixTokens, grid }, cell ?? "class");
  const place = cell === null ? null : shared.place((cell % grid.width) + 1, Math.floor(cell / grid.width) + 1);
  return (
    <>
      <div class="lab-controls">
        <RangeField
          label={shared.block(layers)}
          testId="heads-layer"
          value={layer + 1}
          min={1}
          max={layers}
          onChange={(block) => onLayer(block - 1)}
        />
        <SwitchField
          label={shared.fromClass}
          testId="heads-class"
          checked={kept === null}
          onChange={(fromClass) => setKept(fromClass ? null : Math.floor((grid.width * (grid.height + 1)) / 2))}
        />
      </div>
      <div class="picture-columns">
        <PatchChooser
          photo={photo}
          cells={maps}
          values={null}
          cell={cell}
          testId="heads-query"
          onChoose={setKept}
          onPoint={setPointed}
        />
        <div class="patch-figures">
          {named.map(({ name, map }) => (
            <PatchFigure key={name} photo={photo} cells={maps} values={valuesOf(map)} cell={cell} caption={name} />
          ))}
          <p class="hint">{shared.colours}</p>
        </div>
      </div>
      <div class="lab-columns">
        <BreadthTable caption={words.seenFrom(place ?? shared.classToken)} rows={named} token={token} />
        <AnswerTable answers={maps.answers} />
      </div>
      <p class="lab-verdict">
        {words.apart} <strong data-testid="heads-apart">{formatPercent(maps.apart[token]!)}</strong>
        {words.ofLength}
      </p>
    </>
  );
};
