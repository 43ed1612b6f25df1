import type { TypedDocumentNode } from "@urql/core";
import { useEffect, useRef } from "react";
import { useSubscription } from "urql";
import { onReconnected } from "@/graphql/client";

const PAUSE = 400; // milliseconds; many changes at once are read together

/** Call `reload` when the subscription tells of something, or may have missed something. */
export function useLive<Data, Variables extends Record<string, unknown>>(
  query: TypedDocumentNode<Data, Variables>,
  variables: Variables,
  reload: () => void,
): void {
  const latest = useRef(reload);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    latest.current = reload;
  });
  const soon = useRef(() => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(), PAUSE);
  });
  useEffect(() => {
    const forget = onReconnected(soon.current);
    return () => {
      forget();
      clearTimeout(timer.current);
    };
  }, []);
  useSubscription({ query, variables }, (_, change: Data) => {
    soon.current();
    return change;
  });
}
