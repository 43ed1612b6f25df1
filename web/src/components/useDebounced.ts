import { useEffect, useState } from "react";

/** Follows the value once it has stayed the same for a moment, to search while somebody types. */
export function useDebounced<T>(value: T, milliseconds = 200): T {
  const [debounced, setDebounced] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setDebounced(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return debounced;
}
