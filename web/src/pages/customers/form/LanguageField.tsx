import { ChoiceField } from "@/components/ChoiceField";
import { messageAt } from "@/graphql/errors";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import type { CustomerInputProps } from "./values";

export function LanguageField({ rule, value, set, refusals }: CustomerInputProps) {
  const t = useMessages(customers);
  return (
    <ChoiceField
      label={rule.label}
      hint={t.languageHint}
      value={value.language}
      onChange={(language) => set({ language })}
      options={(["ES", "EN"] as const).map((language) => [language, t.languages[language]] as const)}
      error={messageAt(refusals, "language")}
    />
  );
}
