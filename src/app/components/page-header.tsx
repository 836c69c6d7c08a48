import type { VNode } from "preact";
import { BackendBadge } from "./backend-badge.tsx";
import { Wordmark } from "./wordmark.tsx";

export const PageHeader = (): VNode => (
  <header class="page-header">
    <Wordmark />
    <a class="lab-link" href="./lab.html">
      Lab
    </a>
    <BackendBadge />
  </header>
);
