import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { Wordmark } from "../../components/wordmark.tsx";
import { AttentionExhibit } from "../attention/attention-exhibit.tsx";
import { attentionWords } from "../attention/words.ts";
import { CostExhibit } from "../cost/cost-exhibit.tsx";
import { costWords } from "../cost/words.ts";
import { DateExhibit } from "../dates/date-exhibit.tsx";
import { dateWords } from "../dates/words.ts";
import { HeadExhibit } from "../heads/head-exhibit.tsx";
import { headWords } from "../heads/words.ts";
import { MapAttentionExhibit } from "../map-attention/map-attention-exhibit.tsx";
import { mapAttentionWords } from "../map-attention/words.ts";
import { MaskExhibit } from "../masks/mask-exhibit.tsx";
import { maskWords } from "../masks/words.ts";
import { PictureVeil } from "../picture/picture-veil.tsx";
import { PositionExhibit } from "../positions/position-exhibit.tsx";
import { positionWords } from "../positions/words.ts";
import { ReachExhibit } from "../reach/reach-exhibit.tsx";
import { reachWords } from "../reach/words.ts";
import { useLab, useWords } from "../state/lab-context.ts";
import { usePictureIntake } from "../state/use-picture-intake.ts";
import { TokenExhibit } from "../tokens/token-exhibit.tsx";
import { tokenWords } from "../tokens/words.ts";
import { WarmUpExhibit } from "../warm-up/warm-up-exhibit.tsx";
import { warmUpWords } from "../warm-up/words.ts";
import { LanguageSwitch } from "./language-switch.tsx";
import { frameWords } from "./words.ts";

/** In the order in which sequence models came about them, then pictures. */
const EXHIBITS = [
  { id: "reach", words: reachWords, Show: ReachExhibit },
  { id: "dates", words: dateWords, Show: DateExhibit },
  { id: "attention", words: attentionWords, Show: AttentionExhibit },
  { id: "masks", words: maskWords, Show: MaskExhibit },
  { id: "positions", words: positionWords, Show: PositionExhibit },
  { id: "cost", words: costWords, Show: CostExhibit },
  { id: "warm-up", words: warmUpWords, Show: WarmUpExhibit },
  { id: "map-attention", words: mapAttentionWords, Show: MapAttentionExhibit },
  { id: "tokens", words: tokenWords, Show: TokenExhibit },
  { id: "heads", words: headWords, Show: HeadExhibit },
] as const;

export const LabPage = (): VNode => {
  const words = useWords(frameWords);
  const { language: chosen, pictures } = useLab();
  const language = chosen.value;
  usePictureIntake(pictures);
  useEffect(() => void (document.title = words.documentTitle), [words]);
  return (
    <>
      <header class="page-header">
        <Wordmark />
        <nav class="lab-links">
          <a href="./">{words.backToPhotos}</a>
          <LanguageSwitch />
        </nav>
      </header>
      <main class="page lab">
        <div class="hero">
          <h1>{words.title}</h1>
          <p>{words.lead}</p>
        </div>
        <nav class="lab-contents" aria-label={words.exhibits}>
          <ol>
            {EXHIBITS.map(({ id, words: own }) => (
              <li key={id}>
                <a href={`#${id}`}>{own[language].title}</a>
              </li>
            ))}
          </ol>
        </nav>
        {EXHIBITS.map(({ id, Show }) => (
          <Show key={id} />
        ))}
      </main>
      <PictureVeil />
    </>
  );
};
