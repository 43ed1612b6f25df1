import { useSettledText } from "@/components/useSettledText";

/** Searches as one types. */
export function SearchField({
  label,
  text,
  onSearch,
}: {
  label: string;
  text: string;
  onSearch: (text: string) => void;
}) {
  const [typed, setTyped] = useSettledText(text, onSearch);
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
