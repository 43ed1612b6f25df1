import { Link } from "wouter";
import { Badge } from "@/components/states";
import type { OverviewQuery } from "@/graphql";
import { useMessages } from "@/i18n";
import { useFormats } from "@/i18n/format";
import { home } from "@/i18n/home";
import { useViewer } from "@/layout/viewer";
import { LISTS } from "@/pages/invoices/DocumentTabs";

type Overview = OverviewQuery["overview"];
type Kind = "danger" | "warning" | "neutral";
type Task = { text: string; hint: string; count: number; href: string; kind: Kind };

/** What somebody must do, each thing with the list of what it is about. */
export function Attention({ overview }: { overview: Overview }) {
  const t = useMessages(home);
  const format = useFormats();
  const tasks = useTasks(overview);
  return (
    <section className="card attention" aria-labelledby="attention">
      <h2 id="attention">{t.attention}</h2>
      {tasks.length === 0 ? (
        <p>{t.allWell}</p>
      ) : (
        <ul className="tasks">
          {tasks.map(({ text, hint, count, href, kind }) => (
            <li key={href}>
              <Link href={href} className="task">
                <Badge kind={kind}>
                  <span className="numeric">{format.count(count)}</span>
                </Badge>
                <span>
                  <strong>{text}</strong> <span className="muted small">{hint}</span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function useTasks({ rejected, blocked, overdue, unverified, incomplete }: Overview): Task[] {
  const t = useMessages(home);
  const { electronicInvoicing } = useViewer().account;
  const documents = [
    ["invoices", LISTS.invoices],
    ["creditNotes", LISTS.credit],
    ["debitNotes", LISTS.debit],
  ] as const;
  const tasks: Task[] = [
    ...documents.map(([kind, list]) => ({
      ...t.rejected[kind],
      count: rejected[kind],
      href: `${list}?dgi=rechazadas`,
      kind: "danger" as const,
    })),
    ...documents.map(([kind, list]) => ({
      ...t.blocked[kind],
      count: blocked[kind],
      href: `${list}?dgi=detenidas`,
      kind: "danger" as const,
    })),
    { ...t.overdueTask, count: overdue, href: "/facturas?estado=vencidas", kind: "warning" },
    ...unverified.map(({ status, count }) => ({
      ...t.unverified(status),
      count,
      href: `/clientes?verificacion=${status}`,
      kind: "warning" as const,
    })),
    {
      ...t.incomplete,
      count: electronicInvoicing ? incomplete : 0,
      href: "/clientes?incompletos=1",
      kind: "neutral",
    },
  ];
  return tasks.filter(({ count }) => count > 0);
}
