/** A list's search, filters, order and page stand in its address: it can be bookmarked, and the back button works. */

import { useSearchParams } from "wouter";

/** Sets some parameters of the address, "" to remove one. */
export type AddressChange = (changes: Record<string, string>, options?: { replace: boolean }) => void;

/** The first page, or the page before or after a cursor. */
export type Cursor = { before: string } | { after: string } | null;

/** The parameters of the address, and how to change them. Any other change goes back to the first page. */
export function useListAddress(): [URLSearchParams, AddressChange] {
  const [parameters, setParameters] = useSearchParams();
  function change(changes: Record<string, string>, options?: { replace: boolean }) {
    setParameters((before) => {
      const next = new URLSearchParams(before);
      for (const [name, value] of Object.entries({ antes: "", tras: "", ...changes })) {
        if (value) next.set(name, value);
        else next.delete(name);
      }
      return next;
    }, options);
  }
  return [parameters, change];
}

/** The page that the address names. */
export function readCursor(parameters: URLSearchParams): Cursor {
  const before = parameters.get("antes");
  const after = parameters.get("tras");
  return before ? { before } : after ? { after } : null;
}

/** The change of address that turns to a page. */
export function toAddress(cursor: Cursor): Record<string, string> {
  if (!cursor) return {};
  return "before" in cursor ? { antes: cursor.before } : { tras: cursor.after };
}

/** The GraphQL variables of a page with `size` rows. */
export function toPageVariables(cursor: Cursor, size: number) {
  return cursor && "before" in cursor
    ? { last: size, before: cursor.before }
    : { first: size, after: cursor?.after ?? null };
}

/** The parameter `name` if it is one of `values`. */
export function readOneOf<T extends string>(
  parameters: URLSearchParams,
  name: string,
  values: readonly T[],
): T | undefined {
  return values.find((value) => value === parameters.get(name));
}
