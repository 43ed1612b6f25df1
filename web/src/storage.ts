/** Storage that may fail: if the browser forbids it or it is full, nothing is remembered and nothing breaks. */
export function readItem(storage: Storage, key: string): string | null {
  try {
    return storage.getItem(key);
  } catch {
    return null;
  }
}

export function writeItem(storage: Storage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // The browser forbids storage, or it is full.
  }
}
