import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { readItem, writeItem } from "@/storage";

export type Language = "es" | "en";

/** The words of one area in both languages. A word that takes values is a function. */
export type Messages<T> = Record<Language, T>;

/** Spanish says which words there are, English must have the same. */
export function messages<T>(es: T, en: NoInfer<T>): Messages<T> {
  return { es, en };
}

const KEY = "istmo.language";

function stored(): Language {
  return readItem(localStorage, KEY) === "en" ? "en" : "es";
}

const LanguageContext = createContext<[Language, (language: Language) => void]>(["es", () => {}]);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(stored);
  useEffect(() => {
    document.documentElement.lang = language;
    writeItem(localStorage, KEY, language);
  }, [language]);
  return <LanguageContext value={[language, setLanguage]}>{children}</LanguageContext>;
}

export function useLanguage() {
  return useContext(LanguageContext);
}

export function useMessages<T>(of: Messages<T>): T {
  const [language] = useLanguage();
  return of[language];
}
