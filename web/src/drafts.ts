/** Drafts: what somebody types is kept through errors and reloads, for as long as the browser's tab is open. */

import { type Dispatch, type SetStateAction, useCallback, useEffect, useState } from "react";
import { useViewer } from "@/layout/viewer";
import { randomKey } from "@/randomKey";
import { readItem, writeItem } from "@/storage";

const PREFIX = "istmo.draft.";

type StoredDraft<T> = { value: T; idempotencyKey: string };

export type Draft<T> = {
  value: T;
  setValue: Dispatch<SetStateAction<T>>;
  /** Whether the draft was kept from before. */
  isRestored: boolean;
  /** Whether something was typed that discarding would lose. */
  isChanged: boolean;
  /**
   * The key under which the draft is sent, so that sending it again creates nothing twice, such as when the first answer
   * was lost.
   */
  idempotencyKey: string;
  /** Gives the draft another key, to create something else from it. */
  renewKey: () => void;
  /** Forgets what was typed, and the drafts whose names begin with this one's name and a dot. */
  discard: () => void;
};

function readDraft<T>(key: string): StoredDraft<T> | undefined {
  try {
    return JSON.parse(readItem(sessionStorage, key) ?? "") as StoredDraft<T>;
  } catch {
    return undefined;
  }
}

/** The draft of this name, or one that begins with `initial`. Change the name when the shape of the value changes. */
export function useDraft<T>(name: string, initial: T): Draft<T> {
  const key = `${PREFIX}${useViewer().account.id}.${name}`;
  const [start] = useState(initial);
  const [stored] = useState(() => readDraft<T>(key));
  const [draft, setDraft] = useState(() => stored ?? { value: start, idempotencyKey: randomKey() });
  const [isRestored, setRestored] = useState(stored !== undefined);
  useEffect(() => {
    if (draft.value !== start) writeItem(sessionStorage, key, JSON.stringify(draft));
  }, [key, draft, start]);

  const setValue = useCallback((change: SetStateAction<T>) => {
    setDraft((before) => ({
      ...before,
      value: change instanceof Function ? change(before.value) : change,
    }));
  }, []);
  const renewKey = useCallback(() => setDraft((before) => ({ ...before, idempotencyKey: randomKey() })), []);
  const discard = useCallback(() => {
    setDraft({ value: start, idempotencyKey: randomKey() });
    setRestored(false);
    removeDrafts((each) => each === key || each.startsWith(`${key}.`));
  }, [key, start]);
  const isChanged =
    isRestored || (draft.value !== start && JSON.stringify(draft.value) !== JSON.stringify(start));
  return { ...draft, setValue, isRestored, isChanged, renewKey, discard };
}

/** Whether there is a draft, of any account. */
export function hasDrafts(): boolean {
  return Object.keys(sessionStorage).some((key) => key.startsWith(PREFIX));
}

/** Removes all drafts, of every account. */
export function clearDrafts(): void {
  removeDrafts((key) => key.startsWith(PREFIX));
}

function removeDrafts(matches: (key: string) => boolean): void {
  for (const key of Object.keys(sessionStorage).filter(matches)) writeItem(sessionStorage, key, null);
}
