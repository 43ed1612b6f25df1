/**
 * The session, a cookie that only the service reads.
 *
 * When a request is refused with 401, it waits until somebody has signed in again and is then repeated:
 * on a page that is open the sign-in comes as a dialog above it, so nothing that was typed is lost.
 */

import { useSyncExternalStore } from "react";
import { clearDrafts } from "@/drafts";

export type SignInOutcome = "signedIn" | "wrong" | "unreachable";

let needed = false;
let waiting: (() => void)[] = [];
const listeners = new Set<() => void>();

function setNeeded(value: boolean): void {
  needed = value;
  for (const listener of listeners) listener();
}

/** Resolves when somebody has signed in. */
export function signedIn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    setNeeded(true);
  });
}

/** Whether a request is waiting for somebody to sign in. */
export function useSignInNeeded(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => needed,
  );
}

/** Sign in with an API key, or with the token of a link that works once. */
export async function signIn(credential: { key: string } | { token: string }): Promise<SignInOutcome> {
  let response: Response;
  try {
    response = await fetch("/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(credential),
    });
  } catch {
    return "unreachable";
  }
  if (!response.ok) return response.status < 500 && response.status !== 429 ? "wrong" : "unreachable";
  const released = waiting;
  waiting = [];
  setNeeded(false);
  for (const release of released) release();
  return "signedIn";
}

/** Sign out, forget what was being typed, and begin anew. */
export async function signOut(): Promise<void> {
  await fetch("/session", { method: "DELETE" }).catch(() => undefined);
  clearDrafts();
  window.location.assign("/sign-in");
}
