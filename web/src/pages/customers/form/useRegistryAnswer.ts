import { useState } from "react";
import { findDifferences } from "./LookupResult";
import type { CustomerFormValue, Lookup } from "./values";

/**
 * What Consultar found, to save a new customer as verified: `confirms` says whether the form holds just that, so that the
 * service has nothing to correct when it completes the customer from the registry.
 */
export function useRegistryAnswer(): {
  onLookup: (found: Lookup) => void;
  confirms: (value: CustomerFormValue) => boolean;
} {
  const [found, setFound] = useState<Lookup>();
  return {
    onLookup: setFound,
    confirms: (value) =>
      found?.status === "FOUND" &&
      found.ruc === value.ruc.trim() &&
      Boolean(value.name.trim()) &&
      Object.keys(findDifferences(value, found)).length === 0,
  };
}
