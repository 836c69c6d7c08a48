import type { VNode } from "preact";
import { useApp } from "./app-context.ts";
import { BackendBadge } from "./backend-badge.tsx";
import { Wordmark } from "./wordmark.tsx";

export const PageHeader = (): VNode => (
  <header class="page-header">
    <Wordmark />
    <LabLink />
    <BackendBadge />
  </header>
);

/** A tab of its own where leaving the page would lose what was given to it. */
const LabLink = (): VNode => {
  const beside = useApp().holdsPictures.value;
  return (
    <a class="lab-link" href="./lab.html" target={beside ? "_blank" : "_self"} rel="noopener">
      Lab
      {beside && <span class="visually-hidden">(new tab)</span>}
    </a>
  );
};
