import type { VNode } from "preact";

export const Wordmark = (): VNode => (
  <p class="wordmark">
    <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
      <path d="M0 0h6v6H0zM7 0h6v6H7zM14 0h6v6h-6zM0 7h6v6H0zM14 7h6v6h-6zM0 14h6v6H0zM7 14h6v6H7zM14 14h6v6h-6z" />
      <path class="wordmark-lit" d="M7 7h6v6H7z" />
    </svg>
    patchlight
  </p>
);
