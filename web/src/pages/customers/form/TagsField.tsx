import { TextField } from "@/components/Field";
import { below } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import type { CustomerInputProps } from "./values";

export function TagsField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(common);
  return (
    <TextField
      label={rule.label}
      hint={t.tagsHint}
      autoComplete="off"
      value={value.tags}
      onChange={(tags) => set({ tags })}
      error={below(refusals, "tags")[0]?.message}
    />
  );
}
