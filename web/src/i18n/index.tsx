import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { readItem, writeItem } from "@/storage";

export type Language = "es" | "en";

/** The words of one area in both languages. Words that contain values are functions. */
export type Messages<T> = Record<Language, T>;

/** Spanish defines which words there are; the types require the same in English. */
export function messages<T>(es: T, en: NoInfer<T>): Messages<T> {
  return { es, en };
}

const KEY = "istmo.language";

function readLanguage(): Language {
  return readItem(localStorage, KEY) === "en" ? "en" : "es";
}

const LanguageContext = createContext<[Language, (language: Language) => void]>(["es", () => {}]);

export function LanguageProvider({ children }: { children: ReactNode }) {
  const [language, setLanguage] = useState(readLanguage);
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
