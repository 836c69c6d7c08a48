import { useContext, useEffect, useState } from "preact/hooks";
import { useLab, VisibleContext } from "./lab-context.ts";
import { LessonPair } from "./lesson-pair.ts";

/** Two models to train, which wait while their exhibit is off screen. */
export function useLessonPair(): LessonPair {
  const { worker } = useLab();
  const visible = useContext(VisibleContext);
  const [pair] = useState(() => new LessonPair(worker));
  useEffect(() => pair.hold(!visible), [pair, visible]);
  return pair;
}
