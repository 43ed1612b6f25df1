/** What is being typed outlives an error and a reload: it is kept for as long as the browser's tab is open. */

import { type Dispatch, type SetStateAction, useCallback, useEffect, useState } from "react";
import { useViewer } from "@/layout/viewer";
import { readItem, writeItem } from "@/storage";

const PREFIX = "istmo.draft.";

function read<T>(key: string): T | undefined {
  try {
    return JSON.parse(readItem(sessionStorage, PREFIX + key) ?? "") as T;
  } catch {
    return undefined;
  }
}

/**
 * State that is kept under a name: `const [draft, setDraft, forget, restored] = useDraft("invoice", empty)`. `restored` tells
 * whether there was a draft to go on with; `forget()` begins anew, once it is stored or thrown away. Change the name when the
 * shape changes.
 */
export function useDraft<T>(name: string, initial: T): [T, Dispatch<SetStateAction<T>>, () => void, boolean] {
  const key = `${useViewer().account.id}.${name}`;
  const [start] = useState(initial);
  const [kept] = useState(() => read<T>(key));
  const [value, setValue] = useState<T>(kept ?? start);
  const [restored, setRestored] = useState(kept !== undefined);
  useEffect(() => {
    if (value !== start) writeItem(sessionStorage, PREFIX + key, JSON.stringify(value));
  }, [key, value, start]);
  const forget = useCallback(() => {
    setValue(start);
    setRestored(false);
    writeItem(sessionStorage, PREFIX + key, null);
    writeItem(sessionStorage, `${PREFIX}${name}.sent`, null);
  }, [key, name, start]);
  return [value, setValue, forget, restored];
}

/**
 * The key under which `input` is sent: the same as before while the input is the same, so that what was stored although its
 * answer got lost is not stored twice.
 */
export function idempotencyKey(draft: string, input: unknown): string {
  const asked = JSON.stringify(input);
  const before = read<{ asked: string; key: string }>(`${draft}.sent`);
  if (before?.asked === asked) return before.key;
  const key = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("-");
  writeItem(sessionStorage, `${PREFIX}${draft}.sent`, JSON.stringify({ asked, key }));
  return key;
}

export function clearDrafts(): void {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX)) writeItem(sessionStorage, key, null);
  }
}
