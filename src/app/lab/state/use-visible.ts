import { useEffect, useRef, useState } from "preact/hooks";

type Seen = { readonly ref: { current: HTMLElement | null }; readonly visible: boolean };

/** Whether an element is on screen, or about to be. */
export function useVisible(): Seen {
  const ref = useRef<HTMLElement | null>(null);
  const [visible, setVisible] = useState(false);
  useEffect(() => {
    const observer = new IntersectionObserver((entries) => setVisible(entries.at(-1)!.isIntersecting), {
      rootMargin: "10% 0px",
    });
    observer.observe(ref.current!);
    return () => observer.disconnect();
  }, []);
  return { ref, visible };
}
