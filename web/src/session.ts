/**
 * The session, a cookie that only the service reads.
 *
 * A request that is refused with 401 waits until somebody has signed in again and is then repeated. An open page shows
 * the sign-in as a dialog, so nothing that was typed is lost.
 */

import { useSyncExternalStore } from "react";
import { clearDrafts } from "@/drafts";
import { fetchInOrder } from "@/position";

export type SignInOutcome = "signedIn" | "wrong" | "unreachable";

let needed = false;
let waiting: (() => void)[] = [];
const listeners = new Set<() => void>();

function setNeeded(value: boolean): void {
  needed = value;
  for (const listener of listeners) listener();
}

/** Asks for a sign-in, and waits until there was one. */
export function waitForSignIn(): Promise<void> {
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

// Tells the other tabs of the browser, which have the same cookie.
const channel = "BroadcastChannel" in window ? new BroadcastChannel("istmo.session") : null;

/** Calls `listener` when somebody has signed in in another tab. */
export function onSignedInElsewhere(listener: () => void): () => void {
  channel?.addEventListener("message", listener);
  return () => channel?.removeEventListener("message", listener);
}

/** The part of a secret that names its account. A proxy in front of several servers needs it where it can't see the secret. */
function accountOf(secret: string): string {
  return /^istmo_([\w-]{22})[\w-]{43}$/.exec(secret)?.[1] ?? "";
}

/** Signs in with an API key, or with the token of a one-time link. The requests that wait for it go on by `resume`. */
export async function signIn(credential: { key: string } | { token: string }): Promise<SignInOutcome> {
  let response: Response;
  try {
    const account = accountOf("key" in credential ? credential.key : credential.token);
    response = await fetchInOrder(account ? `/session?account=${account}` : "/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(credential),
    });
  } catch {
    return "unreachable";
  }
  if (!response.ok)
    return response.status < 500 && ![421, 429].includes(response.status) ? "wrong" : "unreachable";
  channel?.postMessage("signed in");
  return "signedIn";
}

/** Repeats the requests that waited for a sign-in. */
export function resume(): void {
  const resolvers = waiting;
  waiting = [];
  setNeeded(false);
  for (const resolve of resolvers) resolve();
}

/** Signs out, removes all drafts and loads the sign-in page. */
export async function signOut(): Promise<undefined> {
  await fetchInOrder("/session", { method: "DELETE" }).catch(() => undefined);
  clearDrafts();
  window.location.assign("/sign-in");
}
