import "./export.css";
import { useEffect, useRef } from "react";
import { useLanguage, useMessages } from "@/i18n";
import { common } from "@/i18n/common";

const FILES = [
  { key: "xlsx", format: "xlsx" },
  { key: "semicolon", format: "csv", delimiter: ";" },
  { key: "comma", format: "csv", delimiter: "," },
  { key: "jsonl", format: "jsonl" },
] as const;

/** Links to the whole list, as it is filtered and ordered, as a file. `of` is the list's name at `/exports/`. */
export function ExportMenu({
  of,
  search,
  filter,
  orderBy,
}: {
  of: string;
  search: string | null;
  filter: unknown;
  orderBy: unknown;
}) {
  const t = useMessages(common);
  const [language] = useLanguage();
  const menu = useRef<HTMLDetailsElement>(null);
  const toHref = ({ format, ...options }: { format: string; delimiter?: string }) => {
    const parameters = new URLSearchParams({
      ...(search && { search }),
      filter: JSON.stringify(filter),
      orderBy: JSON.stringify(orderBy),
      language,
      ...options,
    });
    return `/exports/${of}.${format}?${parameters}`;
  };
  const close = () => menu.current?.removeAttribute("open");
  useEffect(() => {
    const element = menu.current;
    if (!element) return;
    const whenLeft = ({ relatedTarget }: FocusEvent) => {
      if (!(relatedTarget instanceof Node && element.contains(relatedTarget))) close();
    };
    const onKey = ({ key }: KeyboardEvent) => {
      if (key !== "Escape") return;
      close();
      element.querySelector("summary")?.focus();
    };
    element.addEventListener("focusout", whenLeft);
    element.addEventListener("keydown", onKey);
    return () => {
      element.removeEventListener("focusout", whenLeft);
      element.removeEventListener("keydown", onKey);
    };
  }, []);
  return (
    <details ref={menu} className="export-menu">
      <summary className="button button-secondary">{t.download}</summary>
      <ul>
        {FILES.map(({ key, ...file }) => (
          <li key={key}>
            <a href={toHref(file)} download onClick={close}>
              {t.downloads[key]}
            </a>
          </li>
        ))}
      </ul>
    </details>
  );
}
