/** The search, filters and page that a list had last in this tab, to which the links back lead. */

import { readItem, writeItem } from "@/storage";

const PREFIX = "istmo.list.";

export function rememberAddress(path: string, search: string): void {
  writeItem(sessionStorage, PREFIX + path, search || null);
}

/** The list at this path, as it was last. */
export function lastAddress(path: string): string {
  const search = readItem(sessionStorage, PREFIX + path);
  return search ? `${path}?${search}` : path;
}
