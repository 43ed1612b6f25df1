import type { RequestPolicy, TypedDocumentNode } from "@urql/core";
import { useEffect, useMemo, useRef, useState } from "react";
import { useQuery } from "urql";
import { useDebounced } from "@/components/useDebounced";
import { useErrorText } from "@/graphql/errors";

/** What a combobox knows of the search for its options. */
export type OptionSearch<Option> = {
  onSearch: (text: string) => void;
  options: readonly Option[];
  /** Whether the options are not yet those of the text. */
  searching: boolean;
  /** Why the search failed, if it did. */
  failure: string | undefined;
};

/**
 * Searches for the options of a combobox while somebody types. `typename` is the GraphQL type of the options; with the
 * policy "cache-first" an answer is kept, for options that don't change.
 */
export function useOptionSearch<Data, Option>(
  query: TypedDocumentNode<Data, { search?: string | null | undefined }>,
  optionsOf: (data: Data) => readonly Option[],
  typename: string,
  requestPolicy: RequestPolicy = "cache-and-network",
): OptionSearch<Option> {
  const errorText = useErrorText();
  const [search, setSearch] = useState<string>(); // undefined before the first search
  const debounced = useDebounced(search);
  const [{ data, error, fetching }, load] = useQuery({
    query,
    variables: { search: debounced?.trim() || null },
    pause: debounced === undefined,
    requestPolicy,
    // An empty list has no rows by whose type urql would know that a mutation changed it.
    context: useMemo(() => ({ additionalTypenames: [typename] }), [typename]),
  });
  const failed = useRef(false);
  useEffect(() => {
    failed.current = error !== undefined;
  }, [error]);
  const searching = fetching || search !== debounced;
  return {
    onSearch: (text) => {
      // The same words again after a failure: urql would not ask again by itself.
      if (failed.current && text === debounced) load({ requestPolicy: "network-only" });
      setSearch(text);
    },
    options: data ? optionsOf(data) : [],
    searching,
    failure: error && !searching ? errorText(error) : undefined,
  };
}
