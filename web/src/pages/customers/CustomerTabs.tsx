import "@/components/list/tabs.css";
import { Link, useLocation } from "wouter";
import { useMessages } from "@/i18n";
import { customers } from "@/i18n/customers";
import { merging } from "@/i18n/merging";

/** Leads from the customers to the duplicates among them, and back. */
export function CustomerTabs() {
  const t = useMessages(merging);
  const list = useMessages(customers).list;
  const [path] = useLocation();
  const tabs = [
    ["/clientes", list.title],
    ["/clientes/duplicados", t.title],
  ] as const;
  return (
    <nav aria-label={t.tabs} className="tabs">
      {tabs.map(([href, text]) => (
        <Link key={href} href={href} aria-current={href === path ? "page" : undefined}>
          {text}
        </Link>
      ))}
    </nav>
  );
}
