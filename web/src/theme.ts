import { readItem, writeItem } from "@/storage";

export type Theme = "system" | "light" | "dark";

const KEY = "istmo.theme";

export function currentTheme(): Theme {
  const kept = readItem(localStorage, KEY);
  return kept === "light" || kept === "dark" ? kept : "system";
}

export function applyTheme(theme: Theme): void {
  writeItem(localStorage, KEY, theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
