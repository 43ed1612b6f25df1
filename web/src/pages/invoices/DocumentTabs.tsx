import "@/components/list/tabs.css";
import { Link, useLocation } from "wouter";
import { useMessages } from "@/i18n";
import { notes } from "@/i18n/notes";

/** The lists of documents. */
export const LISTS = {
  invoices: "/facturas",
  credit: "/facturas/notas-de-credito",
  debit: "/facturas/notas-de-debito",
} as const;

/** Leads from each list of documents to the others. */
export function DocumentTabs() {
  const t = useMessages(notes);
  const [path] = useLocation();
  const tabs = [
    [LISTS.invoices, t.invoices],
    [LISTS.credit, t.lists.credit.title],
    [LISTS.debit, t.lists.debit.title],
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
