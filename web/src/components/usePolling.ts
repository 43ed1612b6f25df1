import { useEffect, useRef } from "react";

const PAUSE = 3000; // milliseconds
const MOST = 20;

/** Loads again every few seconds, for about a minute, while something is expected that no event announces. */
export function usePolling(isExpected: boolean, load: () => void): void {
  const latest = useRef(load);
  useEffect(() => {
    latest.current = load;
  });
  useEffect(() => {
    if (!isExpected) return;
    let times = 0;
    const timer = setInterval(() => {
      latest.current();
      if (++times === MOST) clearInterval(timer);
    }, PAUSE);
    return () => clearInterval(timer);
  }, [isExpected]);
}
