import type { TypedDocumentNode } from "@urql/core";
import { useEffect, useRef } from "react";
import { useSubscription } from "urql";
import { onConnected } from "@/graphql/client";

const PAUSE = 400; // milliseconds; changes in quick succession are loaded together

/**
 * Calls `reload` when the subscription announces a change, or may have missed one. A long list isn't loaded again for what
 * changed in the moment before it listened for the first time.
 */
export function useLive<Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  reload: () => void,
  isLongList = false,
): void {
  const latest = useRef(reload);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    latest.current = reload;
  });
  const scheduleReload = useRef(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), PAUSE);
  });
  useEffect(() => {
    const unsubscribe = onConnected((isFirst) => {
      if (!isFirst || !isLongList) scheduleReload.current();
    });
    return () => {
      unsubscribe();
      clearTimeout(timer.current);
    };
  }, [isLongList]);
  useSubscription({ query, variables }, (_, change: Data) => {
    scheduleReload.current();
    return change;
  });
}
