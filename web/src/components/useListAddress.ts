import { useSearchParams } from "wouter";

export type AddressChange = (changes: Record<string, string>, options?: { replace: boolean }) => void;

/**
 * The parameters of a list's address and how to change some of them, "" for none. Another list begins at its first page:
 * the cursors `antes` and `tras` go unless they are what is changed.
 */
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
