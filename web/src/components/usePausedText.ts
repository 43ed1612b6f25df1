import { useEffect, useRef, useState } from "react";
import { useDebounced } from "@/components/useDebounced";

/**
 * Text that is typed here and used elsewhere, such as in the address. `onPause` is called with the text when the typing
 * pauses; when `text` is changed elsewhere, the text here follows.
 */
export function usePausedText(
  text: string,
  onPause: (text: string) => void,
): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(text);
  const paused = useDebounced(typed).trim();
  const used = useRef(text);
  const latest = useRef(onPause);
  useEffect(() => {
    latest.current = onPause;
  });
  useEffect(() => {
    if (paused === used.current) return;
    used.current = paused;
    latest.current(paused);
  }, [paused]);
  useEffect(() => {
    if (text === used.current) return;
    used.current = text;
    setTyped(text);
  }, [text]);
  return [typed, setTyped];
}
