import { useEffect, useRef, useState } from "react";
import { useDebounced } from "@/components/useDebounced";

/**
 * Text that is typed here and used elsewhere, such as in the address: `onSettled` is called when the typing
 * pauses, and when `text` is changed by other means, what is typed becomes that.
 */
export function useSettledText(
  text: string,
  onSettled: (text: string) => void,
): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(text);
  const settled = useDebounced(typed).trim();
  const used = useRef(text);
  const latest = useRef(onSettled);
  useEffect(() => {
    latest.current = onSettled;
  });
  useEffect(() => {
    if (settled === used.current) return;
    used.current = settled;
    latest.current(settled);
  }, [settled]);
  useEffect(() => {
    if (text === used.current) return;
    used.current = text;
    setTyped(text);
  }, [text]);
  return [typed, setTyped];
}
