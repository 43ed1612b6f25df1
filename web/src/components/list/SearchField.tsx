import { usePausedText } from "@/components/usePausedText";

/** Searches while somebody types. */
export function SearchField({
  label,
  text,
  onSearch,
}: {
  label: string;
  text: string;
  onSearch: (text: string) => void;
}) {
  const [typed, setTyped] = usePausedText(text, onSearch);
  return (
    <input
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
