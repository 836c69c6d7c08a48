import type { ComponentChildren, VNode } from "preact";
import { useVisible } from "../state/use-visible.ts";
import { VisibleContext } from "../state/lab-context.ts";
import { Formula } from "./formula.tsx";

type ExhibitProps = {
  readonly id: string; // also its address, `lab.html#id`
  readonly title: string;
  readonly text: string;
  readonly tex?: string;
  readonly children: ComponentChildren;
};

/** What every exhibit has: a title, a short text, a formula, and something to touch. */
export const Exhibit = ({ id, title, text, tex, children }: ExhibitProps): VNode => {
  const { ref, visible } = useVisible();
  return (
    <VisibleContext.Provider value={visible}>
      <section class="exhibit" id={id} aria-labelledby={`${id}-title`} data-visible={visible} ref={ref}>
        <h2 id={`${id}-title`}>
          <a href={`#${id}`}>{title}</a>
        </h2>
        <p class="exhibit-text">{text}</p>
        {tex !== undefined && <Formula tex={tex} />}
        {children}
      </section>
    </VisibleContext.Provider>
  );
};
