import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Whether there may be a network; a browser that says no is right. */
export const useOnline = (): boolean => {
  const online = useSignal(navigator.onLine);
  useEffect(() => {
    const ending = new AbortController();
    const look = (): void => void (online.value = navigator.onLine);
    addEventListener("online", look, { signal: ending.signal });
    addEventListener("offline", look, { signal: ending.signal });
    return () => ending.abort();
  }, [online]);
  return online.value;
};
