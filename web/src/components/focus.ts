import { useEffect, useRef } from "react";

/** Gives the focus to the page's content if no element has it, so that the keyboard goes on from there. */
export function focusContent(): void {
  if (document.activeElement && document.activeElement !== document.body) return;
  document.getElementById("content")?.focus({ preventScroll: true });
}

/** Keeps the focus in the page when a change of this value removes the element that has it. */
export function useKeptFocus(value: unknown): void {
  const before = useRef(value);
  useEffect(() => {
    if (value === before.current) return;
    before.current = value;
    focusContent();
  }, [value]);
}
