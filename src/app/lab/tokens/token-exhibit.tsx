import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { Exhibit } from "../frame/exhibit.tsx";
import { PictureAnswered } from "../picture/picture-answered.tsx";
import { PicturePanel } from "../picture/picture-panel.tsx";
import { useWords } from "../state/lab-context.ts";
import { follow, type TokenQuestion } from "./follow.ts";
import { TokenView } from "./token-view.tsx";
import { tokenWords } from "./words.ts";

/** A picture's way into a ViT, and one token's through one of its blocks. */
export const TokenExhibit = (): VNode => {
  const words = useWords(tokenWords);
  const [question, setQuestion] = useState<TokenQuestion>({ layer: 0, token: 29 }); // a patch near the middle
  const change = (part: Partial<TokenQuestion>): void => setQuestion((old) => ({ ...old, ...part }));
  return (
    <Exhibit
      id="tokens"
      title={words.title}
      text={words.text}
      tex={
        "\\begin{aligned}x'&=x+\\text{attention}(\\text{norm}(x))\\\\y&=x'+\\text{MLP}(\\text{norm}(x'))\\end{aligned}"
      }
    >
      <PicturePanel testId="tokens" />
      <PictureAnswered question={question} ask={follow}>
        {(followed, { canvas }) => <TokenView followed={followed} photo={canvas} asked={question} onAsk={change} />}
      </PictureAnswered>
    </Exhibit>
  );
};
