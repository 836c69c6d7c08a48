import type { VNode } from "preact";
import { useContext, useEffect, useState } from "preact/hooks";
import { useLab, VisibleContext } from "../state/lab-context.ts";
import { frameWords } from "./words.ts";

/** TeX as MathML, which needs neither fonts nor styles; its source until the typesetter is there. */
export const Formula = ({ tex }: { tex: string }): VNode => {
  const { language } = useLab();
  const visible = useContext(VisibleContext);
  const [html, setHtml] = useState<string | null>(null);
  useEffect(() => {
    if (!visible) return;
    let wanted = true;
    void import("katex").then(({ default: katex }) => {
      if (wanted) setHtml(katex.renderToString(tex, { output: "mathml", displayMode: true }));
    }, ignoreMissing);
    return () => void (wanted = false);
  }, [tex, visible]);
  const label = frameWords[language.value].formula;
  if (html === null) {
    return (
      <div class="formula" role="group" aria-label={label}>
        <code>{tex}</code>
      </div>
    );
  }
  return (
    <div class="formula" role="group" aria-label={label} tabIndex={0} dangerouslySetInnerHTML={{ __html: html }} />
  );
};

/** Offline, the source stays. */
const ignoreMissing = (): void => undefined;
