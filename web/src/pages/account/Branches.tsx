import { useState } from "react";
import { Button } from "@/components/Button";
import { type Column, Table } from "@/components/Table";
import { useMessages } from "@/i18n";
import { account } from "@/i18n/account";
import { useMay } from "@/layout/viewer";
import { BranchDialog } from "./BranchDialog";
import type { Settings } from "./Business";
import { type Point, PointDialog } from "./PointDialog";

export type Branch = Settings["branches"][number];

const HEAD_OFFICE = "0000";

/** The branches of the business, each with its billing points. */
export function Branches({
  branches,
  points,
}: {
  branches: Settings["branches"];
  points: Settings["billingPoints"];
}) {
  const t = useMessages(account);
  const isAdmin = useMay("ADMIN");
  const [edited, setEdited] = useState<Branch | "new">();
  return (
    <section className="card" aria-labelledby="branches">
      <div className="section-header">
        <h2 id="branches">{t.branches}</h2>
        {isAdmin && <Button onClick={() => setEdited("new")}>{t.newBranch}</Button>}
      </div>
      <p className="muted">{t.branchesHint}</p>
      {branches.map((branch) => (
        <BranchPart
          key={branch.code}
          branch={branch}
          points={points.filter((point) => point.branch === branch.code)}
          isOnly={branches.length === 1}
          onEdit={() => setEdited(branch)}
        />
      ))}
      {edited && (
        <BranchDialog branch={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} />
      )}
    </section>
  );
}

function BranchPart({
  branch,
  points,
  isOnly,
  onEdit,
}: {
  branch: Branch;
  points: readonly Point[];
  /** Whether the business has no other branch, whose points could be meant. */
  isOnly: boolean;
  onEdit: () => void;
}) {
  const t = useMessages(account);
  const isAdmin = useMay("ADMIN");
  const [edited, setEdited] = useState<Point | "new">();
  const { code, location } = branch;
  const newPoint = isOnly ? t.newPoint : t.newPointIn(code);
  const name = branch.name ?? (code === HEAD_OFFICE ? t.headOffice : undefined);
  const place = location && [location.corregimiento, location.district, location.province].join(", ");
  const about = [branch.type && t.branchTypes[branch.type], branch.address, place]
    .filter(Boolean)
    .join(" · ");
  const actions: Column<Point>[] = [
    {
      key: "actions",
      header: t.actions,
      cell: (point) => (
        <Button kind="quiet" aria-label={t.editPoint(point.code)} onClick={() => setEdited(point)}>
          {t.edit}
        </Button>
      ),
    },
  ];
  return (
    <div className="section-part">
      <div className="section-header">
        <h3>{[t.branch(code), name].filter(Boolean).join(" · ")}</h3>
        {isAdmin && (
          <div className="actions">
            <Button kind="quiet" aria-label={t.editBranch(code)} onClick={onEdit}>
              {t.edit}
            </Button>
            <Button aria-label={newPoint} onClick={() => setEdited("new")}>
              {t.newPoint}
            </Button>
          </div>
        )}
      </div>
      {about && <p className="muted multiline">{about}</p>}
      {points.length === 0 ? (
        <p className="muted">{t.noPoints}</p>
      ) : (
        <Table
          caption={isOnly ? t.billingPoints : t.pointsOf(code)}
          rows={points}
          keyOf={(point) => point.code}
          columns={[
            {
              key: "code",
              header: t.code,
              cell: (point) => <strong className="numeric">{point.code}</strong>,
            },
            { key: "name", header: t.pointName, cell: (point) => point.name ?? "—" },
            {
              key: "last",
              header: t.lastNumber,
              cell: ({ lastNumber }) => <span className="numeric">{lastNumber ?? t.noNumber}</span>,
            },
            ...(isAdmin ? actions : []),
          ]}
        />
      )}
      {edited && (
        <PointDialog
          branch={code}
          point={edited === "new" ? undefined : edited}
          title={edited === "new" ? newPoint : t.editPoint(edited.code)}
          onClose={() => setEdited(undefined)}
        />
      )}
    </div>
  );
}
