import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { mapFromMatrix } from "../../../../worker/contract/attention-matrix.ts";
import type { MapAttentionShown } from "../../../../worker/contract/lab.ts";
import { formatPercent } from "../../format.ts";
import { PatchChooser } from "../picture/patch-chooser.tsx";
import { pictureWords } from "../picture/words.ts";
import { useWords } from "../state/lab-context.ts";
import { mapAttentionWords } from "./words.ts";

type MapAttentionViewProps = { readonly shown: MapAttentionShown; readonly photo: HTMLCanvasElement | null };

export const MapAttentionView = ({ shown, photo }: MapAttentionViewProps): VNode => {
  const words = useWords(mapAttentionWords);
  const shared = useWords(pictureWords);
  const { grid, weights, gamma, added, answer, inner } = shown;
  const cells = grid.width * grid.height;
  const [kept, setKept] = useState(Math.floor((grid.width * (grid.height + 1)) / 2)); // near the middle
  const [pointed, setPointed] = useState<number | null>(null);
  const cell = Math.min(pointed ?? kept, cells - 1);
  const values = mapFromMatrix({ matrix: weights, prefixTokens: 0, grid }, cell);
  const facts = [
    [words.gamma, gamma.toFixed(3), "gamma"],
    [words.added, formatPercent(added[cell]!), "added"],
    [words.largest, formatPercent(Math.max(...values)), "largest"],
    [words.even, formatPercent(1 / cells), "even"],
    [words.shapes, `${cells} × ${inner}`, "shapes"],
    [words.answer, `${answer.label} ${formatPercent(answer.score)}`, "answer"],
    [words.first, formatPercent(answer.first), "first"],
  ] as const;
  return (
    <div class="picture-columns">
      <PatchChooser
        photo={photo}
        cells={shown}
        values={values}
        cell={cell}
        testId="map-query"
        onChoose={setKept}
        onPoint={setPointed}
      />
      <div class="facts-place">
        <dl class="facts">
          {facts.map(([name, value, id]) => (
            <div key={id}>
              <dt>{name}</dt>
              <dd data-testid={`map-${id}`}>{value}</dd>
            </div>
          ))}
        </dl>
        <p class="hint">{shared.colours}</p>
      </div>
    </div>
  );
};
