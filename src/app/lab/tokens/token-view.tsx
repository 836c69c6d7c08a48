import type { VNode } from "preact";
import { formatPercent } from "../../format.ts";
import { RangeField, SwitchField } from "../frame/fields.tsx";
import { PatchChooser } from "../picture/patch-chooser.tsx";
import { PatchFigure } from "../picture/patch-figure.tsx";
import { pictureWords } from "../picture/words.ts";
import { useWords } from "../state/lab-context.ts";
import type { Followed, TokenQuestion } from "./follow.ts";
import { Sequence } from "./sequence.tsx";
import { StepTable } from "./step-table.tsx";

import { tokenWords } from "./words.ts";

type TokenViewProps = {
  readonly followed: Followed;
  readonly photo: HTMLCanvasElement | null;
  readonly asked: TokenQuestion; // ahead of what has been answered
  readonly onAsk: (change: Partial<TokenQuestion>) => void;
};

export const TokenView = ({ followed, photo, asked, onAsk }: TokenViewProps): VNode => {
  const words = useWords(tokenWords);
  const shared = useWords(pictureWords);
  const { grid, prefixTokens, layers, looked, token } = followed;
  const cellOf = (of: number): number | null => (of < prefixTokens ? null : of - prefixTokens);
  const middle = prefixTokens + Math.floor((grid.width * (grid.height + 1)) / 2);
  return (
    <>
      <div class="lab-controls">
        <RangeField
          label={shared.block(layers)}
          testId="tokens-layer"
          value={asked.layer + 1}
          min={1}
          max={layers}
          onChange={(block) => onAsk({ layer: block - 1 })}
        />
        <SwitchField
          label={words.followClass}
          testId="tokens-class"
          checked={asked.token < prefixTokens}
          onChange={(ofClass) => onAsk({ token: ofClass ? 0 : middle })}
        />
      </div>
      <div class="picture-columns">
        <PatchChooser
          photo={photo}
          cells={followed}
          values={null}
          cell={cellOf(asked.token)}
          testId="tokens-query"
          onChoose={(cell) => onAsk({ token: prefixTokens + cell })}
        />
        <div class="looked">
          <Sequence followed={followed} photo={photo} chosen={asked.token} />
          <h3>{words.looked}</h3>
          <div class="patch-figures">
            {looked.map((weights, head) => (
              <PatchFigure
                key={head}
                photo={photo}
                cells={followed}
                values={weights.subarray(prefixTokens)}
                cell={cellOf(token)}
                caption={words.onClass(shared.head(head + 1), formatPercent(weights[0]!))}
              />
            ))}
            <p class="hint">{shared.colours}</p>
          </div>
        </div>
      </div>
      <StepTable followed={followed} />
    </>
  );
};
