import { TextField } from "@/components/Field";
import { usePausedText } from "@/components/usePausedText";

/** A text that filters when the typing pauses. */
export function TextFilter({
  label,
  text,
  onChange,
}: {
  label: string;
  text: string;
  onChange: (text: string) => void;
}) {
  const [typed, setTyped] = usePausedText(text, onChange);
  return <TextField label={label} autoComplete="off" maxLength={200} value={typed} onChange={setTyped} />;
}
