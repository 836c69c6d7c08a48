import type { VNode } from "preact";

/** On buttons that remove something; `size` in pixels. */
export const CrossIcon = ({ size }: { readonly size: number }): VNode => (
  <svg viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
    <path d="m3 3 10 10M13 3 3 13" />
  </svg>
);
