import { Link } from "wouter";
import { Table } from "@/components/Table";
import { useMessages } from "@/i18n";
import { emission } from "@/i18n/emission";
import type { Branch } from "@/pages/account/Branches";
import type { Point } from "@/pages/account/PointDialog";

const HEAD_OFFICE = "0000";

/** The branches and billing points, which the provider must have, too. */
export function Places({ branches, points }: { branches: readonly Branch[]; points: readonly Point[] }) {
  const t = useMessages(emission);
  const nameOf = (code: string) =>
    branches.find((branch) => branch.code === code)?.name ?? (code === HEAD_OFFICE ? t.headOffice : null);
  return (
    <section className="card emission-card" aria-labelledby="places">
      <h2 id="places">{t.places}</h2>
      <p className="muted">
        {t.placesHint} <Link href="/cuenta">{t.change}</Link>
      </p>
      <Table
        caption={t.places}
        rows={points}
        keyOf={({ branch, code }) => `${branch}-${code}`}
        columns={[
          {
            key: "branch",
            header: t.branch,
            cell: ({ branch }) => [branch, nameOf(branch)].filter(Boolean).join(" · "),
          },
          {
            key: "point",
            header: t.point,
            cell: ({ code, name }) => (
              <>
                <strong className="numeric">{code}</strong> {name}
              </>
            ),
          },
          {
            key: "last",
            header: t.lastNumber,
            cell: ({ lastNumber }) => <span className="numeric">{lastNumber ?? t.noNumber}</span>,
          },
        ]}
      />
    </section>
  );
}
