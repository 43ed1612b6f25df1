import type { RefObject } from "react";
import { usePausedText } from "@/components/usePausedText";

/** Searches while somebody types. */
export function SearchField({
  inputRef,
  label,
  text,
  onSearch,
}: {
  inputRef: RefObject<HTMLInputElement | null>;
  label: string;
  text: string;
  onSearch: (text: string) => void;
}) {
  const [typed, setTyped] = usePausedText(text, onSearch);
  return (
    <input
      ref={inputRef}
      type="search"
      className="input"
      aria-label={label}
      placeholder={label}
      autoComplete="off"
      spellCheck={false}
      value={typed}
      onChange={(event) => setTyped(event.target.value)}
    />
  );
}
