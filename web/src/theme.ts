import { readItem, writeItem } from "@/storage";

export type Theme = "system" | "light" | "dark";

const KEY = "istmo.theme";

export function currentTheme(): Theme {
  const stored = readItem(localStorage, KEY);
  return stored === "light" || stored === "dark" ? stored : "system";
}

export function applyTheme(theme: Theme): void {
  writeItem(localStorage, KEY, theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
