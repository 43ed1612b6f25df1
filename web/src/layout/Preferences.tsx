import { useState } from "react";
import { type Language, useLanguage, useMessages } from "@/i18n";
import { common } from "@/i18n/common";
import { applyTheme, currentTheme, type Theme } from "@/theme";

/** Language and appearance. */
export function Preferences() {
  const t = useMessages(common);
  const [language, setLanguage] = useLanguage();
  const [theme, setTheme] = useState(currentTheme);
  return (
    <div className="preferences">
      <select
        aria-label={t.language}
        value={language}
        onChange={(event) => setLanguage(event.target.value as Language)}
      >
        <option value="es" lang="es">
          Español
        </option>
        <option value="en" lang="en">
          English
        </option>
      </select>
      <select
        aria-label={t.theme}
        value={theme}
        onChange={(event) => {
          const chosen = event.target.value as Theme;
          setTheme(chosen);
          applyTheme(chosen);
        }}
      >
        {(["system", "light", "dark"] as const).map((each) => (
          <option key={each} value={each}>
            {t.themes[each]}
          </option>
        ))}
      </select>
    </div>
  );
}
